"""ccxt.pro, as it comes from PyPI, listens to the paper exchange: market and account streams, cut and opened again."""
import asyncio
import sys

import ccxt
import ccxt.pro

import paper as papers

checks = 0
SYMBOL = "BTC/USDT"


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {text}")


async def within(seconds, text, awaitable):
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise SystemExit(f"FAILED: {text}: nothing came in {seconds} s")


async def again(action):
    """What a user of ccxt.pro does where a stream broke: call once more."""
    while True:
        try:
            return await action()
        except ccxt.NetworkError:
            continue


async def until(text, action, holds):
    """Calls until what came satisfies the condition."""
    async def loop():
        while True:
            value = await again(action)
            if holds(value):
                return value
    return await within(30, text, loop())


async def market(exchange, protocol):
    trades = await within(20, "public trades", exchange.watch_trades(SYMBOL))
    check(trades and trades[-1]["price"] > 0, "public trades stream")
    candles = await within(20, "candles", exchange.watch_ohlcv(SYMBOL, "1m"))
    check(len(candles[-1]) == 6, "candles stream")
    for _ in range(5):
        book = await within(20, "the book", exchange.watch_order_book(SYMBOL, 10 if protocol == "kraken" else None))
        check(book["bids"][0][0] < book["asks"][0][0], "the book is not crossed")
    ticker = await within(20, "a ticker", exchange.watch_ticker(SYMBOL))
    check(ticker["last"] > 0, "a ticker streams")


async def account(exchange, paper, protocol, name):
    book = await exchange.fetch_order_book(SYMBOL, 10)
    price = float(exchange.price_to_precision(SYMBOL, book["bids"][0][0] * 0.9))
    # Kraken's later reports of an order do not name its pair, and ccxt tells those only to who asks for all pairs.
    symbol = SYMBOL if protocol == "binance" else None
    told = []
    news = asyncio.Event()

    async def listen():
        while True:
            told.extend(await again(lambda: exchange.watch_orders(symbol)))
            news.set()

    async def heard(holds):
        while not any(holds(order) for order in told):
            news.clear()
            await news.wait()

    listening = asyncio.ensure_future(listen())
    # The first look subscribes; what is placed after the venue has answered is told.
    await asyncio.sleep(2)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, price, {"clientOrderId": name})
    await within(30, "one's own order", heard(lambda order: order["id"] == placed["id"]))
    check(True, "the order that was placed is told")
    await exchange.cancel_order(placed["id"], SYMBOL)
    await within(30, "the cancel", heard(lambda order: order["id"] == placed["id"] and order["status"] == "canceled"))
    check(True, "its end is told")
    listening.cancel()
    fills = asyncio.ensure_future(until(
        "one's own fill", lambda: exchange.watch_my_trades(SYMBOL), lambda trades: len(trades) > 0))
    await asyncio.sleep(2)
    await exchange.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": name + "m"})
    trades = await fills
    check(abs(sum(trade["amount"] for trade in trades[-1:])) > 0, "fills are told")


async def balance(exchange, paper, protocol):
    watching = asyncio.ensure_future(until(
        "balances", exchange.watch_balance,
        lambda told: told.get("BTC", {}).get("total") is not None
        and abs(told["BTC"]["total"] - sum(paper.balance(protocol, "BTC"))) < 1e-9))
    await asyncio.sleep(2)
    await exchange.create_order(SYMBOL, "market", "sell", 0.005, None, {})
    await watching
    check(True, "balances are told as the venue has them")


async def broken(exchange, paper, protocol):
    paper.fault(protocol, "disconnectStreams", count=1)
    for _ in range(3):
        trades = await within(30, "trades after the streams were cut", again(lambda: exchange.watch_trades(SYMBOL)))
        check(trades[-1]["price"] > 0, "trades go on after a cut")
    check(paper.books(protocol)["faults"]["struck"].get("disconnectStreams") == 1, "the streams were cut once")


async def run(paper, protocol):
    options = papers.binance_options(paper) if protocol == "binance" else papers.kraken_options(paper)
    exchange = getattr(ccxt.pro, protocol)(options)
    try:
        await exchange.load_markets()
        await market(exchange, protocol)
        await account(exchange, paper, protocol, f"stream{protocol}1")
        await balance(exchange, paper, protocol)
        await broken(exchange, paper, protocol)
    finally:
        await exchange.close()
    check(paper.books(protocol)["is_conserved"], "money is conserved")


if __name__ == "__main__":
    with papers.Paper() as running:
        for protocol in sys.argv[1:] or ("binance", "kraken"):
            asyncio.run(run(running, protocol))
            print(f"ccxt.pro {ccxt.__version__} over {protocol}: {checks} checks so far", flush=True)
