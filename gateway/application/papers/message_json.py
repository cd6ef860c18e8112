"""The message beside a delivery's papers, as it is kept."""

import json
from dataclasses import asdict

from gateway.application.kept_json import from_kept
from gateway.domain.entry_note import EntryNote
from gateway.ports.papers import MessageText, RenderedPapers


def message_to_json(papers: RenderedPapers) -> bytes:
    """The message as it is kept beside the papers, with what is told where they are collected."""
    kept = {"subject": papers.message.subject, "text": papers.message.text, "note": asdict(papers.note)}
    return json.dumps(kept, ensure_ascii=False).encode()


def message_from_json(raw: bytes) -> MessageText:
    """The message as it was rendered."""
    fields = json.loads(raw)
    return MessageText(subject=fields["subject"], text=fields["text"])


def note_from_json(raw: bytes) -> EntryNote:
    """What is told where the papers are collected; nothing where they were made before anything was."""
    note = json.loads(raw).get("note", {})
    return from_kept(EntryNote, json.dumps(note).encode(), where="message")
