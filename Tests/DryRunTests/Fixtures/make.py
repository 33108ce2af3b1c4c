"""What freqtrade's dry-run does with random orders on random books: one scenario a line, as JSON.

    python make.py SEED COUNT > dryrun.jsonl        (freqtrade installed; no network is used)

freqtrade's own exchange classes run in dry-run mode. They are given markets and books by hand; everything else is theirs. Each line
has the instrument, the books in their order (the first stands when the orders are placed) and the orders with what freqtrade says of
each: at its creation and, where it stays open, after each further book until it is filled. Numbers are strings, those of books whole
ticks and steps. Books and orders are ours, drawn from the seed so that many lie on the borders of the rules: limits at the best price,
at 1 % from it, one tick beside, quantities that are just so many levels, not whole steps, sides without levels.

The committed `dryrun.jsonl` is `python make.py 20261001 120`.
"""

import json
import logging
import random
import sys
from decimal import Decimal

logging.disable(logging.CRITICAL)

from freqtrade.enums import CandleType, RunMode, TradingMode  # noqa: E402
from freqtrade.exceptions import InvalidOrderException  # noqa: E402
from freqtrade.resolvers import ExchangeResolver  # noqa: E402

PAIR = "AAA/USDT"


def build(name):
    config = {
        "dry_run": True, "stake_currency": "USDT", "trading_mode": TradingMode.SPOT, "margin_mode": "",
        "candle_type_def": CandleType.SPOT, "runmode": RunMode.DRY_RUN,
        "exchange": {"name": name, "key": "", "secret": "", "pair_whitelist": [], "enable_ws": False},
    }
    return ExchangeResolver.load_exchange(config, validate=False, load_leverage_tiers=False)


def market(tick, step, maker, taker):
    none = {"min": None, "max": None}
    return {
        "id": "AAAUSDT", "symbol": PAIR, "base": "AAA", "quote": "USDT", "baseId": "AAA", "quoteId": "USDT", "type": "spot",
        "spot": True, "active": True, "contract": False, "linear": None, "inverse": None, "contractSize": None, "info": {},
        "maker": float(maker), "taker": float(taker), "percentage": True, "tierBased": False,
        "precision": {"amount": float(step), "price": float(tick)},
        "limits": {"amount": none, "price": none, "cost": none},
    }


class World:
    """One scenario: its instrument, its books, its orders."""

    def __init__(self, draw, exchange):
        self.draw = draw
        self.exchange = exchange
        self.tick = Decimal(draw.choice(["0.01", "0.1", "0.5", "0.05", "0.00001", "1", "0.0001", "0.00000001"]))
        self.step = Decimal(draw.choice(["0.001", "0.00001", "1", "0.1", "0.00000001"]))
        self.maker = Decimal(draw.choice(["0", "0.001", "0.0016", "0.00075"]))
        self.taker = self.maker + Decimal(draw.choice(["0", "0.001", "0.0005"]))
        self.middle = draw.randint(300, 60000)  # in ticks
        exchange._api.set_markets([market(self.tick, self.step, self.maker, self.taker)])
        exchange._markets = exchange._api.markets
        exchange._config.pop("fee", None)
        self.fee = None
        if draw.random() < 0.3:
            self.fee = Decimal(draw.choice(["0.002", "0.0005"]))
            exchange._config["fee"] = float(self.fee)
        exchange.fetch_l2_order_book = lambda pair, limit=100: {
            side: [[float(p), float(q)] for p, q in self.book[side][:limit]] for side in ("bids", "asks")
        }

    def quantity(self):
        return self.step * self.draw.choice([self.draw.randint(1, 20), self.draw.randint(1, 5000), self.draw.randint(1, 200000)])

    def side(self, first, direction, count):
        levels, price = [], first
        gaps = self.draw.choice([[1], [1, 1, 2, self.draw.randint(1, 1 + self.middle // 50)]])
        for _ in range(count):
            if price <= 0:
                break
            levels.append((price * self.tick, self.quantity()))
            price += direction * self.draw.choice(gaps)
        return levels

    def new_book(self):
        spread = self.draw.choice([1, 1, 2, 1 + self.middle // 200])
        count = lambda: self.draw.choice([0, 1, 2, 5, 19, 20, 21, 30]) if self.draw.random() < 0.5 else 20
        bid = self.middle - spread // 2
        self.book = {"bids": self.side(bid, -1, count()), "asks": self.side(bid + spread, 1, count())}

    def move(self):
        width = self.draw.choice([2, self.middle // 100 + 1, self.middle // 20 + 1])
        self.middle = max(200, self.middle + self.draw.randint(-width, width))
        self.new_book()

    def limit(self, side):
        """A price in ticks near one of the rules' borders."""
        best = self.book["asks" if side == "buy" else "bids"]
        near = int(best[0][0] / self.tick) if best else self.middle
        sign = 1 if side == "buy" else -1
        far = near / 0.99 if side == "buy" else near / 1.01
        return max(1, self.draw.choice([
            near, near + sign, near - sign, round(far), round(far) + 1, round(far) - 1,
            near + sign * self.draw.randint(0, near // 10 + 1), near - sign * self.draw.randint(0, near // 30 + 1),
        ])) * self.tick

    def order(self):
        side = self.draw.choice(["buy", "sell"])
        kind = self.draw.choice(["market", "limit", "limit", "limit", "stop"])
        best = self.book["asks" if side == "buy" else "bids"]
        quantity = self.quantity()
        if best and self.draw.random() < 0.3:
            quantity = sum(q for _, q in best[:self.draw.choice([1, 2, self.draw.randint(1, 25), self.draw.randint(18, 25)])])
        if self.draw.random() < 0.02:
            quantity += self.step / 2
        if kind == "market":
            reference = best[0][0] if best and self.draw.random() < 0.7 else self.limit(side)
            return {"kind": kind, "side": side, "quantity": quantity, "price": reference}
        if kind == "limit":
            return {"kind": kind, "side": side, "quantity": quantity, "price": self.limit(side)}
        distance = self.draw.choice([self.draw.randint(0, self.middle // 20 + 2), -self.draw.randint(0, self.middle // 100 + 2)])
        stop = max(1, self.middle - distance if side == "sell" else self.middle + distance) * self.tick
        return {
            "kind": kind, "side": side, "quantity": quantity, "price": stop,
            "type": self.draw.choice(["limit", "market"]), "ratio": self.draw.choice(["0.99", "0.999", "1", "0.95"]),
        }

    def place(self, order):
        side, quantity, price = order["side"], float(order["quantity"]), float(order["price"])
        if order["kind"] == "stop":
            types = {"stoploss": order["type"], "stoploss_on_exchange_limit_ratio": float(order["ratio"])}
            return self.exchange.create_stoploss(
                pair=PAIR, amount=quantity, stop_price=price, order_types=types, side=side, leverage=1)
        return self.exchange.create_order(
            pair=PAIR, ordertype=order["kind"], side=side, amount=quantity, rate=price, leverage=1)

    def levels(self):
        """Both sides as whole ticks and steps, price and quantity in turn."""
        flat = lambda side: [int(n) for p, q in self.book[side] for n in (p / self.tick, q / self.step)]
        return [flat("bids"), flat("asks")]


def answer(state, order):
    result = {"book": state, "status": order["status"]}
    if order["status"] == "closed":
        result |= {"average": repr(order["average"]), "cost": repr(order["cost"]), "fee": repr(order["fee"]["cost"]),
                   "rate": repr(order["fee"]["rate"]), "filled": repr(float(order["filled"]))}
    return result


def scenario(draw, name, exchange):
    world = World(draw, exchange)
    world.new_book()
    books, orders = [world.levels()], []
    for _ in range(draw.randint(3, 9)):
        order = world.order()
        line = {key: f"{value:f}" if isinstance(value, Decimal) else value for key, value in order.items()}
        try:
            made = world.place(order)
        except InvalidOrderException:
            line["answers"] = [{"book": 0, "status": "rejected"}]
            orders.append(line)
            continue
        if order["kind"] == "stop":
            line["limit"] = repr(made["price"])
            line["trigger"] = repr(made[exchange._ft_has["stop_price_prop"]])
        line["answers"] = [answer(0, made)]
        line["id"] = made["id"]
        orders.append(line)
    for number in range(1, draw.randint(2, 5)):
        world.move()
        books.append(world.levels())
        for line in orders:
            if line["answers"][-1]["status"] == "open":
                line["answers"].append(answer(number, exchange.fetch_order(line["id"], PAIR)))
    for line in orders:
        line.pop("id", None)
    return {
        "venue": name, "tick": f"{world.tick:f}", "step": f"{world.step:f}", "maker": f"{world.maker:f}",
        "taker": f"{world.taker:f}", "fee": None if world.fee is None else f"{world.fee:f}", "books": books, "orders": orders,
    }


def main():
    draw = random.Random(int(sys.argv[1]))
    exchanges = {name: build(name) for name in ("binance", "kraken")}
    for _ in range(int(sys.argv[2])):
        name = draw.choice(["binance", "kraken"])
        print(json.dumps(scenario(draw, name, exchanges[name]), separators=(",", ":")))


main()
