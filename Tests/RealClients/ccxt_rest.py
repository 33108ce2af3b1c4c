"""ccxt, as it comes from PyPI, trades on the paper exchange over REST: every order type, and every class of error."""
import sys

import ccxt

import paper as papers

checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def raises(kind, text, action, says=""):
    """The action fails with exactly this class of ccxt, or one below it, and with the venue's words where they are given."""
    global checks
    checks += 1
    try:
        result = action()
    except kind as error:
        if says not in str(error):
            raise SystemExit(f"FAILED: {text}: '{says}' is not in: {error}")
        return
    except Exception as error:  # noqa: BLE001 - the class is what is tested
        raise SystemExit(f"FAILED: {text}: {type(error).__name__} instead of {kind}: {error}")
    raise SystemExit(f"FAILED: {text}: no error, but {result}")


def same(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


class Run:
    def __init__(self, paper, protocol):
        self.paper, self.protocol = paper, protocol
        options = papers.binance_options(paper) if protocol == "binance" else papers.kraken_options(paper)
        self.exchange = getattr(ccxt, protocol)(options)
        self.symbol = "BTC/USDT"
        self.serial = 0

    def name(self):
        """A client id that was not used before."""
        self.serial += 1
        return f"real{self.protocol}{self.serial:06d}"

    def order(self, kind, side, amount, price=None, **params):
        return self.exchange.create_order(self.symbol, kind, side, amount, price, {"clientOrderId": self.name(), **params})

    # MARK: the market

    def market(self):
        exchange = self.exchange
        markets = exchange.load_markets()
        check(self.symbol in markets and "ETH/USDT" in markets, "both markets are listed")
        check(markets[self.symbol]["active"] is not False, "the market is open")
        self.tick = markets[self.symbol]["precision"]["price"]
        candles = exchange.fetch_ohlcv(self.symbol, "1m", limit=500)
        check(len(candles) >= 400, f"{len(candles)} candles of a minute")
        check(all(b[0] - a[0] == 60000 for a, b in zip(candles, candles[1:])), "candles without a gap")
        check(all(row[3] <= min(row[1], row[4]) and row[2] >= max(row[1], row[4]) for row in candles), "candles that can be")
        check(len(exchange.fetch_ohlcv(self.symbol, "1h", limit=100)) >= 90, "candles of an hour")
        book = exchange.fetch_order_book(self.symbol, 10)
        check(len(book["bids"]) == 10 and book["bids"][0][0] < book["asks"][0][0], "a book that is not crossed")
        ticker = exchange.fetch_ticker(self.symbol)
        check(ticker["last"] > 0 and ticker["bid"] < ticker["ask"], "a ticker")
        check(len(exchange.fetch_trades(self.symbol, limit=50)) > 10, "public trades")
        check(abs(exchange.fetch_time() - exchange.milliseconds()) < 5000, "the venue's time")

    def quote(self):
        book = self.exchange.fetch_order_book(self.symbol, 10)
        return book["bids"][0][0], book["asks"][0][0]

    def price(self, value):
        return float(self.exchange.price_to_precision(self.symbol, value))

    # MARK: orders

    def balances(self):
        told = self.exchange.fetch_balance()
        for asset in ("USDT", "BTC"):
            free, locked = self.paper.balance(self.protocol, asset)
            check(same(told[asset]["free"], free) and same(told[asset]["used"] or 0, locked),
                  f"{asset}: the client sees {told[asset]}, the venue has {free} and {locked}")

    def fetched(self, order):
        return self.exchange.fetch_order(order["id"], self.symbol)

    def market_orders(self):
        bought = self.order("market", "buy", 0.01)
        seen = self.fetched(bought)
        check(seen["status"] == "closed" and same(seen["filled"], 0.01), f"a market order fills: {seen}")
        trades = [trade for trade in self.exchange.fetch_my_trades(self.symbol) if trade["order"] == bought["id"]]
        check(trades and same(sum(trade["amount"] for trade in trades), 0.01), "its fills add up")
        check(all(trade["fee"]["cost"] > 0 for trade in trades), "fills have fees")
        sold = self.fetched(self.order("market", "sell", 0.01))
        check(sold["status"] == "closed" and sold["cost"] > 0, "a market order sells")
        if self.protocol == "binance":
            spent = self.fetched(self.exchange.create_market_buy_order_with_cost(self.symbol, 200))
            check(spent["status"] == "closed" and spent["cost"] <= 200, "a market order by its cost")
        else:
            spent = self.fetched(self.order("market", "buy", 200, None, oflags="viqc", cost=200))
            check(spent["status"] == "closed" and spent["cost"] <= 201, f"a market order by its cost: {spent}")
        self.balances()

    def limit_orders(self):
        bid, ask = self.quote()
        resting = self.order("limit", "buy", 0.01, self.price(bid * 0.9))
        check(self.fetched(resting)["status"] == "open", "a limit order rests")
        check(resting["id"] in [row["id"] for row in self.exchange.fetch_open_orders(self.symbol)], "it is among the open orders")
        self.balances()
        canceled = self.exchange.cancel_order(resting["id"], self.symbol)
        check(self.fetched(resting)["status"] == "canceled", f"it is canceled: {canceled}")
        raises(ccxt.OrderNotFound, "a second cancel", lambda: self.exchange.cancel_order(resting["id"], self.symbol))
        taker = self.fetched(self.order("limit", "buy", 0.01, self.price(ask * 1.01)))
        check(taker["status"] == "closed" and taker["average"] <= ask * 1.01, "a limit order that takes")
        ioc = self.fetched(self.order("limit", "buy", 0.01, self.price(bid * 0.9), timeInForce="IOC"))
        check(ioc["status"] in ("canceled", "expired") and same(ioc["filled"], 0), f"immediate or cancel ends: {ioc['status']}")
        post = self.order("limit", "sell", 0.01, self.price(ask * 1.1), postOnly=True)
        check(self.fetched(post)["status"] == "open", "a post-only order rests")
        if self.protocol == "binance":
            by_name = self.exchange.fetch_order(None, self.symbol, {"clientOrderId": self.fetched(post)["clientOrderId"]})
            check(by_name["id"] == post["id"], "an order by its client id")
        self.exchange.cancel_all_orders(*([self.symbol] if self.protocol == "binance" else []))
        check(self.exchange.fetch_open_orders(self.symbol) == [], "all orders are canceled")
        self.balances()

    def conditional_orders(self):
        bid, ask = self.quote()
        low, high = self.price(bid * 0.9), self.price(ask * 1.1)
        cases = [
            ("stop-loss with a limit", ("limit", "sell", 0.01, self.price(low * 0.99)), {"stopLossPrice": low}),
            ("take-profit with a limit", ("limit", "sell", 0.01, high), {"takeProfitPrice": high}),
            ("stop-loss", ("market", "sell", 0.01, None), {"stopLossPrice": low}),
            ("take-profit", ("market", "sell", 0.01, None), {"takeProfitPrice": high}),
        ]
        for text, (kind, side, amount, price), params in cases:
            order = self.order(kind, side, amount, price, **params)
            seen = self.fetched(order)
            check(seen["status"] == "open", f"a {text} order waits: {seen}")
            check(seen.get("stopPrice") or seen.get("triggerPrice"), f"a {text} order tells its trigger: {seen}")
            self.exchange.cancel_order(order["id"], self.symbol)
            check(self.fetched(order)["status"] == "canceled", f"a {text} order is canceled")
        if self.protocol == "binance":
            params = {
                "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "aboveType": "LIMIT_MAKER", "abovePrice": str(high),
                "belowType": "STOP_LOSS_LIMIT", "belowStopPrice": str(low), "belowPrice": str(self.price(low * 0.99)),
                "belowTimeInForce": "GTC"}
            listed = self.exchange.private_post_orderlist_oco(params)
            check(len(listed["orders"]) == 2, "one cancels the other: both are there")
            self.exchange.private_delete_orderlist({"symbol": "BTCUSDT", "orderListId": listed["orderListId"]})
            check(self.exchange.fetch_open_orders(self.symbol) == [], "and both are gone")
        self.balances()

    # MARK: errors

    def errors(self):
        bid, ask = self.quote()
        raises(ccxt.InsufficientFunds, "more than there is", lambda: self.order("limit", "buy", 100, self.price(bid * 0.99)))
        raises(ccxt.OrderNotFound, "an order that is none", lambda: self.exchange.cancel_order(
            "999999999" if self.protocol == "binance" else "OAAAAA-AAAAA-AAAAAA", self.symbol))
        # ccxt has no class of its own for some of Kraken's texts: those arrive as plain ExchangeError.
        # There the venue's own words are asked for, since any error at all would be one of that class.
        binance = self.protocol == "binance"
        invalid = ccxt.InvalidOrder if binance else ccxt.ExchangeError
        raises(invalid, "post-only that would take",
               lambda: self.maybe_rejected(self.order("limit", "buy", 0.01, self.price(ask * 1.01), postOnly=True)),
               "" if binance else "EOrder:Post only order")
        raises((invalid, ccxt.BadRequest), "below the smallest notional", lambda: self.raw_order("0.00001", self.price(bid * 0.99)),
               "NOTIONAL" if binance else "minimum not met")
        wrong = getattr(ccxt, self.protocol)(self.other_key())
        raises(ccxt.AuthenticationError, "a wrong key", wrong.fetch_balance)
        secret = getattr(ccxt, self.protocol)(self.other_secret())
        raises(ccxt.AuthenticationError if binance else ccxt.ExchangeError, "a wrong signature", secret.fetch_balance,
               "" if binance else "EAPI:Invalid signature")
        if self.protocol == "binance":
            raises(ccxt.BadSymbol, "a symbol that is none", lambda: self.exchange.public_get_depth({"symbol": "NOPE"}))
            late = ccxt.binance(papers.binance_options(self.paper))
            late.milliseconds = lambda: ccxt.Exchange.milliseconds() - 60000
            raises(ccxt.InvalidNonce, "a clock that is off", late.fetch_balance)
            name = self.name()
            self.exchange.create_order(self.symbol, "limit", "buy", 0.01, self.price(bid * 0.9), {"clientOrderId": name})
            raises(ccxt.InvalidOrder, "a client id twice", lambda: self.exchange.create_order(
                self.symbol, "limit", "buy", 0.01, self.price(bid * 0.9), {"clientOrderId": name}))
            self.exchange.cancel_all_orders(self.symbol)
        else:
            raises(ccxt.ExchangeError, "a symbol that is none", lambda: self.exchange.public_get_depth({"pair": "NOPE"}),
                   "EQuery:Unknown asset pair")
            old = ccxt.kraken(papers.kraken_options(self.paper))
            old.nonce = lambda: 1
            raises(ccxt.InvalidNonce, "a nonce that does not rise", old.fetch_balance)

    def maybe_rejected(self, order):
        """Kraken accepts a post-only order and cancels it: what ccxt then sees is an order that ended at once."""
        if self.fetched(order)["status"] in ("canceled", "expired", "rejected"):
            raise ccxt.InvalidOrder("ended at once")
        return order

    def raw_order(self, quantity, price):
        """Past ccxt's own checks."""
        if self.protocol == "binance":
            return self.exchange.private_post_order(
                {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity,
                 "price": str(price)})
        return self.exchange.private_post_addorder(
            {"pair": "XBTUSDT", "type": "buy", "ordertype": "limit", "volume": quantity, "price": str(price)})

    def other_key(self):
        options = papers.binance_options(self.paper) if self.protocol == "binance" else papers.kraken_options(self.paper)
        return options | {"apiKey": "paperunknown" + "0" * 51}

    def other_secret(self):
        options = papers.binance_options(self.paper) if self.protocol == "binance" else papers.kraken_options(self.paper)
        return options | {"secret": "b3RoZXItc2VjcmV0LW9mLXRoZS10ZXN0cw=="}

    # MARK: faults

    def faults(self):
        paper, protocol, exchange = self.paper, self.protocol, self.exchange
        table = [
            ("outage", {}, ccxt.ExchangeNotAvailable), ("cutBefore", {}, ccxt.NetworkError),
            ("rateLimited", {"retry_after_ms": 1000}, ccxt.DDoSProtection if protocol == "binance" else ccxt.ExchangeError),
        ]
        for kind, settings, expected in table:
            paper.fault(protocol, kind, count=1, **settings)
            words = "EService:Throttled" if expected is ccxt.ExchangeError else ""
            raises(expected, f"the fault {kind}", exchange.fetch_time, words)
            paper.clear(protocol)
            exchange.fetch_time()
        paper.fault(protocol, "rejectOrders", count=1)
        raises(ccxt.ExchangeError, "an order that the venue rejects", lambda: self.order("market", "buy", 0.01))
        paper.clear(protocol)
        before = paper.account(protocol)["fills"]
        exchange.timeout = 1000
        paper.fault(protocol, "timeoutAfterAccepting", count=1, target="placing")
        raises(ccxt.RequestTimeout, "a time-out after the order was accepted", lambda: self.order("market", "buy", 0.01))
        exchange.timeout = 10000
        paper.clear(protocol)
        check(paper.account(protocol)["fills"] != before, "the order whose answer was lost was carried out")
        self.balances()

    def run(self):
        for part in (self.market, self.market_orders, self.limit_orders, self.conditional_orders, self.errors, self.faults):
            part()
        books = self.paper.books(self.protocol)
        check(books["is_conserved"], f"money is conserved: {books['conservation']}")


if __name__ == "__main__":
    with papers.Paper() as running:
        for protocol in sys.argv[1:] or ("binance", "kraken"):
            Run(running, protocol).run()
            print(f"ccxt {ccxt.__version__} over {protocol}: {checks} checks so far", flush=True)
