#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether instances of a program have its code in one place: by the numbers of
the physical pages, where the program itself goes by Pss."""

import os
import struct

from held import Held, children

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT = 1 << 63
PFN = (1 << 55) - 1


def code(pid):
    """Physical pages of the executable's code, by address within it."""
    executable = os.readlink(f"/proc/{pid}/exe")
    pages = {}
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        for line in maps:
            words = line.split()
            if words[1] != "r-xp" or words[-1] != executable:
                continue
            start, end = (int(address, 16) for address in words[0].split("-"))
            pagemap.seek(start // PAGE * 8)
            for i in range((end - start) // PAGE):
                entry, = struct.unpack("Q", pagemap.read(8))
                if entry & PRESENT:
                    pages[int(words[2], 16) + i * PAGE] = entry & PFN
    return pages


def main():
    for program, instances in ("own", 8), ("python", 3):
        held = Held("instances", arm="process", program=program, instances=instances)
        held.ready()
        held.done()
        all_pages = [code(pid) for pid in children(held.pid)]
        assert len(all_pages) == instances, all_pages
        common = set.intersection(*(set(pages) for pages in all_pages))
        frames = {pages[page] for pages in all_pages for page in common}
        print(program, len(common), "pages in", len(frames), "frames")
        assert common and 0 not in frames
        assert len(frames) == len(common)
        figures = held.end()
        print(figures)
        assert figures["text"] <= 1.5


if __name__ == "__main__":
    main()
