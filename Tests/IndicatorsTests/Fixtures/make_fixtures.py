"""Reference values for the indicator tests, from TA-Lib and pandas.

    python make_fixtures.py write DIR         writes DIR/walk.csv and DIR/ticks.csv, the committed fixtures
    python make_fixtures.py compute FILE...   reads candles from each FILE, writes all results to FILE.out (see `compute`)

The candles come from a seeded generator; no market data is used. The first line of each fixture names the versions it
was made with. Needs numpy, pandas and TA-Lib (pip install TA-Lib==0.8.2 pandas==3.1.1).
"""
import math
import sys

import numpy as np
import pandas as pd
import talib

MASK = (1 << 64) - 1


class SplitMix64:
    """Sebastiano Vigna's SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.next() >> 11) / (1 << 53)


def candles(seed, rows, price, tick, step):
    """A random walk in whole ticks, with a flat stretch, a stretch without any movement in the candle and one outlier."""
    random = SplitMix64(seed)
    frame = {name: np.empty(rows) for name in ("open", "high", "low", "close", "volume")}
    ticks = round(price / tick)
    for row in range(rows):
        first = ticks
        quiet = rows // 4 <= row < rows // 4 + rows // 10
        move = 0 if quiet else round((random.uniform() - 0.5) * step)
        ticks = max(ticks + move, 10)
        spread = 0 if quiet else round(random.uniform() * step / 3)
        top = max(first, ticks) + spread
        bottom = max(min(first, ticks) - spread, 1)
        if row == rows * 2 // 3:
            top *= 8
        for name, value in (("open", first), ("high", top), ("low", bottom), ("close", ticks)):
            frame[name][row] = round(value * tick, 12)
        frame["volume"][row] = round(random.uniform() * 1000, 3)
    return frame


def results(frame):
    """Every reference column by the name under which the tests look for it."""
    o, h, l, c = (frame[name] for name in ("open", "high", "low", "close"))
    table = {}
    for period in (2, 3, 12):
        table[f"sma {period}"] = talib.SMA(c, period)
        table[f"ema {period}"] = talib.EMA(c, period)
        table[f"wma {period}"] = talib.WMA(c, period)
    for period in (2, 14):
        table[f"rsi {period}"] = talib.RSI(c, period)
        table[f"atr {period}"] = talib.ATR(h, l, c, period)
        table[f"natr {period}"] = talib.NATR(h, l, c, period)
        table[f"adx {period}"] = talib.ADX(h, l, c, period)
        table[f"plusDI {period}"] = talib.PLUS_DI(h, l, c, period)
        table[f"minusDI {period}"] = talib.MINUS_DI(h, l, c, period)
    for period in (1, 9):
        table[f"roc {period}"] = talib.ROC(c, period)
    for period in (3, 10):
        table[f"variance {period}"] = talib.VAR(c, period)
        table[f"standardDeviation {period}"] = talib.STDDEV(c, period)
        table[f"minimum {period}"] = talib.MIN(c, period)
        table[f"maximum {period}"] = talib.MAX(c, period)
        table[f"rollingMean {period}"] = pd.Series(c).rolling(period).mean().to_numpy()
        table[f"rollingStandardDeviation {period}"] = pd.Series(c).rolling(period).std().to_numpy()
    table["sma 1"] = talib.SMA(c, 1)
    table["ema 1"] = talib.EMA(c, 1)
    table["wma 1"] = talib.WMA(c, 1)
    table["atr 1"] = talib.ATR(h, l, c, 1)
    table["natr 1"] = talib.NATR(h, l, c, 1)
    table["plusDI 1"] = talib.PLUS_DI(h, l, c, 1)
    table["minusDI 1"] = talib.MINUS_DI(h, l, c, 1)
    table["variance 1"] = talib.VAR(c, 1)
    table["rollingStandardDeviation 1"] = pd.Series(c).rolling(1).std().to_numpy()
    table["trueRange"] = talib.TRANGE(h, l, c)
    for fast, slow, signal in ((12, 26, 9), (8, 3, 2)):
        line, average, histogram = talib.MACD(c, fast, slow, signal)
        table[f"macd.line {fast} {slow} {signal}"] = line
        table[f"macd.signal {fast} {slow} {signal}"] = average
        table[f"macd.histogram {fast} {slow} {signal}"] = histogram
    for period, above, below in ((20, 2.0, 2.0), (5, 1.0, 1.0), (5, 2.5, 1.5)):
        upper, middle, lower = talib.BBANDS(c, period, above, below)
        table[f"bands.upper {period} {above} {below}"] = upper
        table[f"bands.middle {period} {above} {below}"] = middle
        table[f"bands.lower {period} {above} {below}"] = lower
    table["shifted 3"] = pd.Series(c).shift(3).to_numpy()
    fast, slow = pd.Series(table["ema 3"]), pd.Series(table["ema 12"])
    table["crossesAbove 3 12"] = ((fast > slow) & (fast.shift(1) <= slow.shift(1))).to_numpy(dtype=float)
    table["crossesBelow 3 12"] = ((fast < slow) & (fast.shift(1) >= slow.shift(1))).to_numpy(dtype=float)
    # Indicators of an indicator: the input begins with NaN.
    rsi = table["rsi 14"]
    table["sma 3 of rsi"] = talib.SMA(rsi, 3)
    table["ema 3 of rsi"] = talib.EMA(rsi, 3)
    table["rollingMean 3 of rsi"] = pd.Series(rsi).rolling(3).mean().to_numpy()
    return table


def write(folder):
    versions = f"# TA-Lib {talib.__version__}, pandas {pd.__version__}, numpy {np.__version__}"
    for name, frame in (
        ("walk", candles(20240101, 130, 101.25, 0.01, 300)),
        ("ticks", candles(20240102, 130, 3.2e-6, 1e-8, 30)),
    ):
        table = {**frame, **results(frame)}
        with open(f"{folder}/{name}.csv", "w", encoding="ascii") as file:
            file.write(versions + "\n" + ",".join(table) + "\n")
            for row in range(len(frame["close"])):
                file.write(",".join("" if math.isnan(v[row]) else repr(float(v[row])) for v in table.values()) + "\n")


def compute(source):
    """Candles are little-endian doubles, rows of open, high, low, close; a result is a line with its name and as many
    raw doubles as there are candles."""
    data = np.fromfile(source, dtype="<f8").reshape(-1, 4)
    frame = {name: np.ascontiguousarray(data[:, i]) for i, name in enumerate(("open", "high", "low", "close"))}
    with open(source + ".out", "wb") as file:
        for name, column in results(frame).items():
            file.write(name.encode() + b"\n" + column.astype("<f8").tobytes())


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "write":
        write(sys.argv[2])
    elif len(sys.argv) > 2 and sys.argv[1] == "compute":
        for path in sys.argv[2:]:
            compute(path)
    else:
        sys.exit(__doc__)
