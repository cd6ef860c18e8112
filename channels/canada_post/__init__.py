"""Canada Post's web services: Contract Shipping and Tracking, REST. No channel by itself.

Written from the post's published pages (Developer Program: REST fundamentals; Create Shipment, Get Shipments, Void
Shipment, Transmit Shipments, Get Groups, Get Manifests, Get Manifest, Get Artifact; Get Tracking Details, Get Delivery
Confirmation Certificate; Messages and Code Tables) and from the schemas shipment-v8, manifest-v8, track-v2 and
messages. It was never tried at the real service: that needs a contract.
"""
