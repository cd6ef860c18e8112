"""The one place where pages are drawn: canvas, document, styles, fonts, page furniture.

Tagging and archival form come in here and nowhere else; the papers only say what stands on them. Each module imports
reportlab, so nothing outside the papers imports this package.
"""
