# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands in for work/python.py, which is beside it as real.py: the workers that
should be processes are threads, and share an interpreter lock."""
import os
import sys

words = ["arm=thread" if word == "arm=process" else word for word in sys.argv[1:]]
real = os.path.join(os.path.dirname(sys.argv[0]), "real.py")
os.execv(sys.executable, [sys.executable, "-S", "-E", real, *words])
