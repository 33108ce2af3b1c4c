#!/usr/bin/env python3
"""Makes the fixtures beside this file from freqtrade's own number code.

    python make_fixtures.py        (needs freqtrade 2026.9, ccxt and numpy; run only when the facts are to be taken anew)

arithmetic.csv: op,a,b,result text,result as a double     (all numbers in Python's shortest text)
rounding.csv:   op,mode,precision,value,result
"""
import csv
import random

import numpy as np
from ccxt import DECIMAL_PLACES, ROUND_DOWN, ROUND_UP, SIGNIFICANT_DIGITS, TICK_SIZE
from freqtrade.exchange import amount_to_precision, price_to_precision
from freqtrade.util import FtPrecise

rng = random.Random(20181003)


def number():
    kind = rng.randrange(6)
    if kind == 0:
        return round(rng.uniform(0, 1), rng.randrange(1, 9)) or 0.1
    if kind == 1:
        return round(rng.uniform(0, 100000), rng.randrange(0, 5)) or 1.0
    if kind == 2:
        return rng.uniform(0, 1) * 10.0 ** rng.randrange(-12, 12)
    if kind == 3:
        return float(rng.randrange(1, 1000))
    if kind == 4:
        return rng.uniform(1, 10) * 10.0 ** rng.randrange(-30, 30)
    return float(np.nextafter(round(rng.uniform(0, 1), 6) or 0.5, 1))


with open("arithmetic.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    for _ in range(250):
        a, b = number(), number()
        x = rng.choice([1, 1, 1, -1]) * a
        for op, result in [
            ("add", FtPrecise(x) + FtPrecise(b)),
            ("subtract", FtPrecise(x) - FtPrecise(b)),
            ("multiply", FtPrecise(x) * FtPrecise(b)),
            ("divide", FtPrecise(a) / FtPrecise(b)),
            ("remainder", FtPrecise(x) % FtPrecise(b)),
        ]:
            first = a if op == "divide" else x
            out.writerow([op, repr(first), repr(b), str(result), repr(float(result))])

with open("rounding.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    for _ in range(300):
        x = number() * rng.choice([1, -1])
        if abs(x) < 1e12:
            for digits in (2, 8, 14):
                out.writerow(["python", 0, digits, repr(x), repr(round(x, digits))])
            out.writerow(["numpy", 0, 10, repr(x), repr(float(np.round(np.float64(x), 10)))])
    for digits in range(1, 9):
        for half in (0.5, 1.5, 2.5, 12345.5, 99999.5):
            x = half / 10**digits
            out.writerow(["python", 0, digits, repr(x), repr(round(x, digits))])
    for _ in range(400):
        x = abs(number())
        if not 1e-10 < x < 1e10:
            continue
        for mode, precision in [
            (TICK_SIZE, rng.choice([1e-8, 1e-6, 0.001, 0.05, 0.5, 1.0, 10.0, 0.00025])),
            (DECIMAL_PLACES, rng.randrange(0, 9)),
            (SIGNIFICANT_DIGITS, rng.randrange(1, 9)),
        ]:
            out.writerow(["amount", mode, repr(precision), repr(x), repr(amount_to_precision(x, precision, mode))])
            out.writerow(["nearest", mode, repr(precision), repr(x), repr(price_to_precision(x, precision, mode))])
            for name, way in [("up", ROUND_UP), ("down", ROUND_DOWN)]:
                result = price_to_precision(x, precision, mode, rounding_mode=way)
                out.writerow([name, mode, repr(precision), repr(x), repr(float(result))])
