"""freqtrade's own backtesting loop on the corpus run EmaCross: freqtrade_loop.py ROUNDS. Needs PRAGMA_CORPUS; no network."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from freqtrade import __version__
from freqtrade.configuration import Configuration
from freqtrade.enums import RunMode
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import ExchangeResolver

from measuring import ENGINE, print_row, quantile


class TimedBacktesting(Backtesting):
    """Notes what the loop alone takes: from the rows being lists until the trades that are left are closed."""

    rows = 0
    started = 0.0
    seconds = 0.0

    def _get_ohlcv_as_lists(self, processed: dict[str, Any]) -> dict[str, Any]:
        data = super()._get_ohlcv_as_lists(processed)
        self.rows = sum(len(rows) for rows in data.values())
        self.started = time.process_time()
        return data

    def handle_left_open(self, *arguments: Any, **named: Any) -> None:
        super().handle_left_open(*arguments, **named)
        self.seconds = time.process_time() - self.started


def configuration(corpus: Path, run: dict[str, Any]) -> dict[str, Any]:
    return Configuration(
        {
            "config": [str(corpus / "runs/EmaCross/config.json")],
            "strategy": "EmaCross",
            "strategy_path": str(corpus / "strategies"),
            "datadir": str(corpus / "data"),
            "user_data_dir": tempfile.mkdtemp(),
            "fee": run["settings"]["fee"],
            "export": "none",
        },
        RunMode.BACKTEST,
    ).get_config()


def market(pair: str, steps: dict[str, Any]) -> dict[str, Any]:
    base, quote = pair.split("/")
    return steps | {"symbol": pair, "base": base, "quote": quote, "active": True, "spot": True, "type": "spot"}


def main() -> None:
    corpus = Path(os.environ["PRAGMA_CORPUS"]) / "freqtrade"
    run = json.loads((corpus / "runs/EmaCross/run.json").read_text())
    config = configuration(corpus, run)
    exchange = ExchangeResolver.load_exchange(config, validate=False)
    # What the exchange would be asked for.
    exchange._markets = {pair: market(pair, steps) for pair, steps in run["markets"].items()}
    backtesting = TimedBacktesting(config, exchange)
    data, _ = backtesting.load_bt_data()
    rates: list[float] = []
    for _ in range(int(sys.argv[1])):
        backtesting.backtest_one_strategy(backtesting.strategylist[0], data, backtesting.timerange)
        trades = len(backtesting.all_bt_content["EmaCross"]["results"])
        if trades != run["trade_count"]:
            sys.exit(f"the run made {trades} trades instead of {run['trade_count']}")
        rates.append(backtesting.rows / backtesting.seconds)
    note = f"{backtesting.rows:,} rows in {backtesting.seconds:.2f} CPU s; best {max(rates):,.0f}"
    print_row(ENGINE, f"freqtrade {__version__}", quantile(rates, 0.5), "rows/CPU s", note)


if __name__ == "__main__":
    main()
