"""Signs that an output cannot write, in signs that it can: readable, and never a question mark for a minus."""

from __future__ import annotations

import unicodedata

STAND_INS = {
    # numbers and operations
    "−": "-", "–": "-", "—": "-", "±": "+-", "×": "x", "÷": "/", "·": ".", "∘": "o", "∂": "d", "∇": "grad ",
    "√": "sqrt", "∞": "inf", "∫": "int ", "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "‖": "||", "½": "1/2", "′": "'",
    "″": "''", "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")",
    "¹": "^1", "²": "^2", "³": "^3", "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8", "⁹": "^9", "⁰": "^0",
    "⁻": "^-", "ᵀ": "^T", "₊": "+", "₋": "-", "ᵢ": "_i",
    **{chr(0x2080 + digit): str(digit) for digit in range(10)},
    # letters of formulas
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa",
    "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ψ": "psi", "Γ": "Gamma",
    "Δ": "Delta", "Σ": "sum ", "Φ": "Phi",
    "ℓ": "l", "ℕ": "N", "ℝ": "R", "ȳ": "mean y", "ß": "ss",
    # punctuation and arrows
    "’": "'", "‘": "'", "“": '"', "”": '"', "•": "*", "…": "...", "←": "<-", "→": "->", "↑": "^", "↓": "v",
    "⇧": "shift+", "\u00a0": " ", "\u0304": "-mean", "\ufeff": "",
    # frames, blocks and marks: one sign each
    **dict.fromkeys("─━╴╶╍╌┈", "-"), **dict.fromkeys("│┃┊╎┤├▌▐▕▏▎▍▋▊▉", "|"), **dict.fromkeys("┌┐└┘┬┴┼╞╡╪", "+"),
    **dict.fromkeys("█▇▆▅▄▙▛▜▟▓", "#"), **dict.fromkeys("▃▂▁▖▗", "_"), **dict.fromkeys("▀▘▝", "'"), "▚": "\\", "▞": "/",
    **dict.fromkeys("░▒", ":"), "■": "#", "□": "o", "▲": "^", "▴": "^", "▼": "!", "▾": "v", "▶": ">", "▸": ">",
    "◂": "<", "◆": "#", "◇": "%", "◉": "@", "◎": "$", "△": "^", "▽": "!", "○": "o", "●": "*", "✓": "+", "✗": "X",
    "␊": "\\n", "␛": "\\e", "␡": "\\x7f", "�": "\\?",
}  # fmt: skip
"""Of each sign that the program writes of its own: what people type for it."""


def _ascii(sign: str) -> str:
    if sign in STAND_INS:
        return STAND_INS[sign]
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or sign.encode("ascii", "backslashreplace").decode()


def in_ascii(text: str) -> str:
    """A text in ASCII: letters without their accents, and the code of what has no stand-in."""
    return text if text.isascii() else "".join([c if c.isascii() else _ascii(c) for c in text])


def writable(text: str, encoding: str | None) -> str:
    """A text in an encoding; of each sign that it lacks, the stand-in.

    Args:
        text: any.
        encoding: of the output; None is one that writes everything.
    """
    if text.isascii() or writes(encoding, text):
        return text
    return "".join([c if c.isascii() or writes(encoding, c) else _ascii(c) for c in text])


def writable_json(text: str, encoding: str | None) -> str:
    r"""As `writable` of a JSON document, in which every sign has an escape: ``\u2212``."""
    if text.isascii() or writes(encoding, text):
        return text
    return "".join([c if c.isascii() or writes(encoding, c) else _escaped(c) for c in text])


def _escaped(sign: str) -> str:
    pairs = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pairs[i : i + 2].hex()}" for i in range(0, len(pairs), 2))


def writes(encoding: str | None, text: str) -> bool:
    """Whether an encoding has every sign of a text."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
