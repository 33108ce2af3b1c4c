"""freqtrade, unpatched, on the paper exchange in real time: freqtrade_trading.py latency|memory. Needs PRAGMA_BIN; no network.

`latency`: a live bot; from the end of a candle to the time of the order at the venue. `memory`: a dry-run bot that trades.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ccxt
from freqtrade import __version__

from measuring import DRY_RUN_MEMORY, ORDER, print_row, quantile, resident

sys.path.insert(0, str(Path(__file__).parents[2] / "Tests/RealClients"))
import paper as papers  # noqa: E402

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
SECONDS = {"latency": 330, "memory": 200}
STRATEGY = '''
from freqtrade.strategy import IStrategy
import talib.abstract as ta


class Crossing(IStrategy):
    """Two averages, and an entry with every candle. What was bought is sold after a minute."""

    timeframe = "1m"
    minimal_roi = {"1": -1}
    stoploss = -0.1
    startup_candle_count = 60
    process_only_new_candles = True
    order_types = {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}

    def populate_indicators(self, dataframe, metadata):
        dataframe["fast"] = ta.EMA(dataframe, timeperiod=3)
        dataframe["slow"] = ta.EMA(dataframe, timeperiod=20)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] > 0, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe
'''


def configuration(paper: papers.Paper, dry: bool) -> dict:
    options = papers.binance_options(paper)
    connection = {key: options[key] for key in ("urls", "options")}
    side = {"price_side": "other", "use_order_book": True, "order_book_top": 1}
    # process_throttle_secs is the default, 5; the loop wakes up a second after each candle's end whatever it is.
    return {
        "dry_run": dry, "dry_run_wallet": 10000, "trading_mode": "spot", "stake_currency": "USDT", "stake_amount": 100,
        "max_open_trades": len(PAIRS), "entry_pricing": side, "exit_pricing": side, "initial_state": "running",
        "pairlists": [{"method": "StaticPairList"}],
        "exchange": {
            "name": "binance", "key": "" if dry else papers.KEY, "secret": "" if dry else papers.SECRET,
            "pair_whitelist": list(PAIRS), "ccxt_config": connection, "ccxt_async_config": connection,
        },
    }


def start(paper: papers.Paper, folder: Path, dry: bool) -> subprocess.Popen:
    (folder / "strategies").mkdir()
    (folder / "strategies/crossing.py").write_text(STRATEGY)
    (folder / "config.json").write_text(json.dumps(configuration(paper, dry)))
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "freqtrade", "trade", "-c", str(folder / "config.json"), "--userdir", str(folder),
             "--strategy", "Crossing", "--db-url", f"sqlite:///{folder}/trades.sqlite"],
            stdout=log, stderr=subprocess.STDOUT)


def latencies(paper: papers.Paper) -> list[float]:
    """Of each order to buy but a pair's first, which follows the bot's start: milliseconds since the minute at the venue."""
    venue = ccxt.binance(papers.binance_options(paper))
    found: list[float] = []
    for pair in PAIRS:
        buys = sorted(order["timestamp"] for order in venue.fetch_orders(pair) if order["side"] == "buy")
        found += [time_of % 60_000 for time_of in buys[1:]]
    return found


def main() -> None:
    what = sys.argv[1]
    with papers.Paper(protocols=("binance",), pairs=PAIRS) as paper, tempfile.TemporaryDirectory() as name:
        bot = start(paper, Path(name), dry=what == "memory")
        end = time.monotonic() + SECONDS[what]
        while time.monotonic() < end:
            if bot.poll() is not None:
                sys.exit(f"freqtrade ended: {(Path(name) / 'log').read_text()[-1000:]}")
            time.sleep(1)
        peer = f"freqtrade {__version__}"
        if what == "memory":
            print_row(DRY_RUN_MEMORY, peer, resident(bot.pid), "MiB", f"{len(PAIRS)} pairs, after {SECONDS[what]} s of trading")
        else:
            found = latencies(paper)
            if not found:
                sys.exit(f"freqtrade placed no order: {(Path(name) / 'log').read_text()[-1000:]}")
            note = f"{len(found)} orders, {min(found):,.0f} to {max(found):,.0f} ms"
            print_row(ORDER, peer, quantile(found, 0.5), "ms", note)
        bot.send_signal(signal.SIGTERM)
        bot.wait(60)


if __name__ == "__main__":
    main()
