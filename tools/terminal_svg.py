#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal and draws what it printed as SVG, colours included.

    terminal_svg.py OUTPUT COLUMNS TITLE COMMAND...

    tools/terminal_svg.py docs/images/watch.svg 132 'vedette detect notebook.capture' \\
      build/release/bin/vedette detect --rules content/falco tests/e2e/recording/notebook.capture
"""
import fcntl
import html
import os
import pty
import re
import struct
import sys
import termios

FONT_SIZE, LETTER_WIDTH, LINE_HEIGHT, MARGIN, BAR = 13, 7.83, 18, 16, 34
COLOURS = {30: "#6e7681", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff",
           36: "#76e3ea", 37: "#c9d1d9", 90: "#8b949e", 91: "#ff7b72", 92: "#7ee787", 93: "#e3b341",
           94: "#79c0ff", 95: "#d2a8ff", 96: "#76e3ea", 97: "#f0f6fc"}
BACKGROUNDS = {41: "#b62324", 42: "#196c2e", 43: "#7d4e00", 44: "#0c2d6b", 45: "#553098", 46: "#1b7c83",
               47: "#6e7681"}
PLAIN = {"fill": "#c9d1d9"}


def output_of(command, columns):
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    text = b""
    try:
        while chunk := os.read(terminal, 65536):
            text += chunk
    except OSError:
        pass  # Linux says so when the other end is closed
    os.waitpid(child, 0)
    return text.decode(errors="replace").replace("\r\n", "\n")


def styled(style, codes):
    style = dict(style)
    for code in codes:
        if code == 0:
            style = dict(PLAIN)
        elif code == 1:
            style["font-weight"] = "bold"
        elif code == 2:
            style["fill"] = COLOURS[90]
        elif code in COLOURS:
            style["fill"] = COLOURS[code]
        elif code == 39:
            style["fill"] = PLAIN["fill"]
        elif 41 <= code <= 47:
            style["background"] = BACKGROUNDS[code]
    return style


def spans_of(line, style):
    """[(column, style, text)] of a line, and the style at its end."""
    spans, column = [], 0
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z])", line):
        if part.startswith("\x1b["):
            if part.endswith("m"):
                style = styled(style, [int(code or 0) for code in part[2:-1].split(";")])
            continue
        if part:
            spans.append((column, style, part))
        column += len(part)
    return spans, style


def draw(text, columns, title):
    # A line that is written again over itself, such as of progress, counts as it ends up.
    lines = [line.rsplit("\r", 1)[-1] for line in text.strip("\n").split("\n")]
    width = round(columns * LETTER_WIDTH + 2 * MARGIN)
    height = BAR + len(lines) * LINE_HEIGHT + MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, monospace" '
           f'font-size="{FONT_SIZE}">',
           f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
           f'<text x="{MARGIN}" y="22" fill="#8b949e">$ {html.escape(title)}</text>']
    style = PLAIN
    for number, line in enumerate(lines):
        spans, style = spans_of(line, style)
        for column, of_span, content in spans:
            x = MARGIN + column * LETTER_WIDTH
            y = BAR + 14 + number * LINE_HEIGHT
            if "background" in of_span:
                out.append(f'<rect x="{x:.1f}" y="{y - 13}" width="{len(content) * LETTER_WIDTH:.1f}" '
                           f'height="{LINE_HEIGHT}" fill="{of_span["background"]}"/>')
            attributes = " ".join(f'{name}="{value}"' for name, value in of_span.items()
                                  if name != "background")
            out.append(f'<text x="{x:.1f}" y="{y}" {attributes} '
                       f'textLength="{len(content) * LETTER_WIDTH:.1f}" xml:space="preserve">'
                       f'{html.escape(content)}</text>')
    return "\n".join([*out, "</svg>", ""])


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    output, columns, title, *command = sys.argv[1:]
    text = output_of(command, int(columns))
    with open(output, "w", encoding="utf-8") as file:
        file.write(draw(text, int(columns), title))


if __name__ == "__main__":
    main()
