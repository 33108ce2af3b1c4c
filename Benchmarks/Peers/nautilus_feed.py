"""NautilusTrader, market data from its text to a strategy with managed books, offline: nautilus_feed.py ROUNDS.

Messages of the shape that `dry-run-feed` pours out, less their candles. Its Binance adapter's own schemas decode them, its BacktestEngine carries them to
the books; no sockets and no clock are in it. Processor time of both.
"""

import random
import sys
import time

import msgspec
from nautilus_trader import __version__
from nautilus_trader.adapters.binance.common.schemas.market import BinanceOrderBookData
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, BookType, OmsType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from measuring import DRY_RUN_FEED, print_row, quantile

MESSAGES = 50_000
COINS = {
    "BTC": 60000.0, "ETH": 3000.0, "SOL": 150.0, "XRP": 0.6, "ADA": 0.45,
    "DOGE": 0.12, "LTC": 80.0, "LINK": 15.0, "DOT": 7.0, "AVAX": 35.0}


def messages() -> list[bytes]:
    chance = random.Random(7)
    numbers = dict.fromkeys(COINS, 1)
    coins = list(COINS)

    def levels(price: float, sign: int) -> str:
        found = []
        for _ in range(1 + chance.randrange(10)):
            level = price * (1 + sign * (0.02 + chance.randrange(300) / 1e6))
            amount = "0.00000000" if chance.randrange(4) == 0 else f"{chance.randrange(4)}.{10000 + chance.randrange(90000)}000"
            found.append(f'["{level:.8f}","{amount}"]')
        return ",".join(found)

    made = []
    for index in range(MESSAGES):
        coin = coins[index % len(coins)]
        first = numbers[coin] + 1
        numbers[coin] = first + chance.randrange(40)
        price = COINS[coin]
        made.append(
            f'{{"e":"depthUpdate","E":{1_763_856_000_000 + index},"s":"{coin}USDT","U":{first},"u":{numbers[coin]},'
            f'"b":[{levels(price, -1)}],"a":[{levels(price, 1)}]}}'.encode())
    return made


def instrument(coin: str) -> CurrencyPair:
    name = coin + "USDT"
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol(name), Venue("BINANCE")), raw_symbol=Symbol(name),
        base_currency=Currency.from_str(coin), quote_currency=USDT, price_precision=8, size_precision=8,
        price_increment=Price.from_str("0.00000001"), size_increment=Quantity.from_str("0.00000001"), ts_event=0, ts_init=0)


class Listener(Strategy):
    """Has the books kept, and looks at each change."""

    def __init__(self, instruments: list[CurrencyPair]) -> None:
        super().__init__(StrategyConfig(order_id_tag="1"))
        self.instruments, self.seen = instruments, 0

    def on_start(self) -> None:
        for one in self.instruments:
            self.subscribe_order_book_deltas(one.id, BookType.L2_MBP, managed=True)

    def on_order_book_deltas(self, deltas) -> None:  # noqa: ANN001
        self.seen += 1


def measure(texts: list[bytes]) -> float:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        Venue("BINANCE"), OmsType.NETTING, AccountType.CASH, [Money(1_000_000, USDT)], book_type=BookType.L2_MBP)
    instruments = [instrument(coin) for coin in COINS]
    for one in instruments:
        engine.add_instrument(one)
    ids = {one.raw_symbol.value: one.id for one in instruments}
    listener = Listener(instruments)
    engine.add_strategy(listener)
    decoder = msgspec.json.Decoder(BinanceOrderBookData)
    start = time.process_time()
    events = []
    for text in texts:
        data = decoder.decode(text)
        events.append(data.parse_to_order_book_deltas(ids[data.s], data.E * 1_000_000))
    decoded = time.process_time()
    engine.add_data(events, sort=False, validate=False)
    engine.run()
    end = time.process_time()
    if listener.seen != len(texts):
        sys.exit(f"the strategy saw {listener.seen} of {len(texts)} messages")
    engine.dispose()
    print(f"decoding {decoded - start:.2f} s, engine {end - decoded:.2f} s", file=sys.stderr)
    return len(texts) / (end - start)


def main() -> None:
    texts = messages()
    rates = [measure(texts) for _ in range(int(sys.argv[1]))]
    note = f"{MESSAGES:,} messages decoded by its Binance adapter and run through its BacktestEngine, no sockets"
    print_row(DRY_RUN_FEED, f"NautilusTrader {__version__}", quantile(rates, 0.5), "messages/CPU s", note)


if __name__ == "__main__":
    main()
