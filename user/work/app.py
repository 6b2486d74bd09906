# SPDX-License-Identifier: GPL-2.0-or-later
a = 5
b = 10
c = a + b
