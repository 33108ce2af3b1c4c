"""freqtrade, unpatched from PyPI, trades on the paper exchange: dry-run and live, over Binance's and Kraken's protocols.

Four bots at once on the real clock, a minute's candles being the shortest that freqtrade takes. At the end the live bots' trades
and balances must equal the venue's books, and no bot may have logged an error.
"""
import json
import os
import re
import sqlite3
import subprocess
import sys
import time

import paper as papers

STRATEGY = '''
from freqtrade.strategy import IStrategy


class Always(IStrategy):
    """Enters on each candle and leaves after a minute, so that a short run sees many orders."""

    timeframe = "1m"
    minimal_roi = {"1": -1}
    stoploss = -0.02
    startup_candle_count = 5
    process_only_new_candles = True
    order_types = {
        "entry": "limit", "exit": "EXIT_TYPE", "emergency_exit": "market", "force_exit": "market", "force_entry": "market",
        "stoploss": "limit", "stoploss_on_exchange": ON_EXCHANGE, "stoploss_on_exchange_interval": 60,
        "stoploss_on_exchange_limit_ratio": 0.99}

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe["exit_long"] = 0
        return dataframe
'''


def configuration(paper, protocol, dry):
    options = papers.binance_options(paper) if protocol == "binance" else papers.kraken_options(paper)
    side = {"price_side": "other", "use_order_book": True, "order_book_top": 1}
    return {
        "bot_name": f"{protocol}-{'dry' if dry else 'live'}", "dry_run": dry, "dry_run_wallet": 1000, "trading_mode": "spot",
        "stake_currency": "USDT", "stake_amount": 100, "tradable_balance_ratio": 0.99, "max_open_trades": 2,
        "cancel_open_orders_on_exit": True, "unfilledtimeout": {"entry": 1, "exit": 1, "unit": "minutes"},
        "entry_pricing": side, "exit_pricing": side, "pairlists": [{"method": "StaticPairList"}],
        "internals": {"process_throttle_secs": 1}, "initial_state": "running",
        "exchange": {
            "name": protocol, "key": "" if dry else papers.KEY, "secret": "" if dry else papers.SECRET,
            "pair_whitelist": ["BTC/USDT", "ETH/USDT"], "enable_ws": protocol == "binance",
            "ccxt_config": {key: options[key] for key in ("urls", "options") if key in options},
            "ccxt_async_config": {key: options[key] for key in ("urls", "options") if key in options}},
    }


class Bot:
    def __init__(self, paper, protocol, dry):
        self.paper, self.protocol, self.dry = paper, protocol, dry
        self.name = f"{protocol} {'dry-run' if dry else 'live'}"
        self.folder = os.path.join(paper.folder.name, f"{protocol}-{dry}")
        strategies = os.path.join(self.folder, "strategies")
        os.makedirs(strategies)
        with open(os.path.join(strategies, "always.py"), "w") as file:
            # A live bot sells at the market: freqtrade replaces a waiting limit order by a new one although the old one was filled while
            # it asked to cancel it, and so sells twice. A slow machine sees that now and then.
            file.write(STRATEGY.replace("ON_EXCHANGE", str(not dry)).replace("EXIT_TYPE", "limit" if dry else "market"))
        config = os.path.join(self.folder, "config.json")
        with open(config, "w") as file:
            json.dump(configuration(paper, protocol, dry), file)
        self.database = os.path.join(self.folder, "trades.sqlite")
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "freqtrade", "trade", "-c", config, "--userdir", self.folder, "--strategy", "Always",
                 "--db-url", "sqlite:///" + self.database], stdout=file, stderr=subprocess.STDOUT)

    def rows(self, query):
        if not os.path.exists(self.database):
            return []
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            try:
                return database.execute(query).fetchall()
            except sqlite3.OperationalError:
                return []

    def closed(self):
        return len(self.rows("select id from trades where is_open = 0"))

    def wait_for_sleep(self):
        """freqtrade's SIGTERM is an exception wherever it happens to be; in a commit it would lose what it has seen. Between two loops it sleeps."""
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with open(f"/proc/{self.process.pid}/wchan") as file:
                    if "nanosleep" in file.read():
                        return
            except OSError:
                return
            time.sleep(0.001)

    def stop(self):
        self.wait_for_sleep()
        self.check_log()
        self.process.terminate()
        try:
            self.process.wait(45)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.fail("did not end within 45 s of SIGTERM")

    def fail(self, text):
        with open(self.log) as file:
            tail = file.read()[-6000:]
        raise SystemExit(f"FAILED: {self.name}: {text}\n{tail}")

    def check_log(self):
        with open(self.log) as file:
            bad = [line for line in file if re.search(r" - (ERROR|CRITICAL) - |Traceback", line)]
        if bad:
            self.fail("logged errors: " + "".join(bad[:5]))

    def check_books(self):
        """What freqtrade has in its database is what the venue has in its books."""
        fills = self.paper.account(self.protocol)["fills"]
        told = {}
        for pair, side, amount in self.rows(
                "select ft_pair, ft_order_side, sum(filled) from orders where filled > 0 group by ft_pair, ft_order_side"):
            told[(pair, "buy" if side == "buy" else "sell")] = told.get((pair, "buy" if side == "buy" else "sell"), 0) + amount
        if not told:
            self.fail("no order was filled")
        for (pair, side), amount in told.items():
            sums = next((row for row in fills["pairs"] if row["pair"] == pair), None)
            if sums is None:
                self.fail(f"the venue has no fills of {pair}")
            real = float(sums["bought"] if side == "buy" else sums["sold"])
            if abs(real - amount) > 1e-9 * max(1, amount):
                self.fail(f"{pair} {side}: freqtrade filled {amount}, the venue {real}")
        open_orders = self.paper.account(self.protocol)["open_orders"]
        waiting = self.rows("select order_id from orders where ft_is_open = 1")
        if len(open_orders) != len(waiting):
            self.fail(f"freqtrade has {len(waiting)} open orders, the venue {len(open_orders)}")


def main():
    seconds = int(os.environ.get("PRAGMA_FREQTRADE_SECONDS", "240"))
    with papers.Paper(limits=True) as running:
        bots = [Bot(running, protocol, dry) for protocol in ("binance", "kraken") for dry in (True, False)]
        end = time.monotonic() + seconds
        # As soon as each has closed two trades there is enough to compare.
        while time.monotonic() < end and any(bot.closed() < 2 for bot in bots):
            for bot in bots:
                if bot.process.poll() is not None:
                    bot.fail(f"ended with {bot.process.returncode}")
            time.sleep(1)
        for bot in bots:
            bot.stop()
        for bot in bots:
            if bot.closed() < 1:
                bot.fail(f"closed no trade in {seconds} s")
            if not bot.dry:
                bot.check_books()
            stops = len(bot.rows("select id from orders where ft_order_side = 'stoploss'"))
            if not bot.dry and stops == 0:
                bot.fail("never placed a stop-loss on the exchange")
            print(f"freqtrade {bot.name}: {bot.closed()} trades closed, {len(bot.rows('select id from orders'))} orders, "
                  f"{stops} stop-losses on the exchange", flush=True)
        for protocol in ("binance", "kraken"):
            if not running.books(protocol)["is_conserved"]:
                raise SystemExit(f"FAILED: {protocol}: money is not conserved")


if __name__ == "__main__":
    main()
