"""One person is not the only operator: owners and backups, runbooks, a form for incidents."""

from nb2pipe.scaffold.model import Part

PART = Part(
    name="ownership",
    promise="names owners and backups, and says what they do when it breaks",
)
