"""Which section of which runbook explains a probe's answer. Imports nothing: every report asks this."""

PAGE = "verification-failed"
SECTIONS = {
    "V101": "v101-role-arn",
    "V102": "v102-vendor-identity",
    "V201": "v201-external-id-required",
    "V202": "v202-external-id-checked",
    "V203": "v203-assume-role",
    "V204": "v204-caller-identity",
    "V205": "v205-trust-policy",
    "V206": "v206-external-id-rotation",
    "V207": "v207-permissions",
    "V208": "v208-effective-permissions",
    "V301": "v301-ses-account",
    "V302": "v302-ses-sending-enabled",
    "V303": "v303-ses-send-quota",
    "V304": "v304-identities",
    "V401": "v401-key-identity",
    "V402": "v402-key-lifetime",
    "V403": "v403-key-permissions",
    "V501": "v501-stack",
    "V511": "v511-bucket",
    "V521": "v521-events",
    "V531": "v531-inbound",
    "V601": "v601-send",
}
"""Code to anchor; the text is `pages/diagnoses/ANCHOR.md.j2`."""

# By the first letter of the code: checks of `doctor`, and of `production-access`.
_OTHERS = {"D": "operator-incident#what-doctor-says", "P": "ses-sandbox#what-aws-looks-at"}


def section_of(code: str) -> str:
    """Return `RUNBOOK#ANCHOR` for the code of a probe or of another check.

    A probe that another package added has no section of its own: for it, the runbook as a whole.
    """
    if code[:1] in _OTHERS:
        return _OTHERS[code[:1]]
    anchor = SECTIONS.get(code)
    return f"{PAGE}#{anchor}" if anchor else PAGE
