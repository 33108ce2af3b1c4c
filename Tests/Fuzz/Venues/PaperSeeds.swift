// What a client sends when it means well: where the fuzzing of a paper exchange begins.

private func record(_ kind: UInt8, _ text: String) -> [UInt8] { [kind] + Array(text.utf8) }

private func joined(_ records: [[UInt8]]) -> [UInt8] { Array(records.joined(separator: [recordSeparator])) }

private let time = record(5, "\u{7F}")

/// Each request alone and all of them one after the other.
private func seeds(_ requests: [[UInt8]], _ streams: [[UInt8]]) -> [[UInt8]] {
    requests + [joined(requests)] + streams.dropFirst().map { joined([streams[0], $0, time]) } + [joined(streams + [time])]
        + [joined(streams + [time] + requests + [time])]
}

let binanceSeeds: [[UInt8]] = {
    let open = [
        "ping", "time", "exchangeInfo?symbol=SOLUSDT", "klines?symbol=SOLUSDT&interval=1h&startTime=1&limit=10",
        "klines?symbol=SOLUSDT&interval=1M&endTime=9223372036854775807", "depth?symbol=SOLUSDT&limit=5",
        "trades?symbol=SOLUSDT&limit=5", "historicalTrades?symbol=SOLUSDT&fromId=1&limit=5",
        "aggTrades?symbol=SOLUSDT&startTime=1750000000000&endTime=1750000001000",
        "ticker/24hr?symbols=%5B%22SOLUSDT%22%5D&type=MINI",
        "ticker/price?symbol=SOLUSDT", "ticker/bookTicker?symbol=SOLUSDT", "ticker?symbol=SOLUSDT&windowSize=4h",
        "avgPrice?symbol=SOLUSDT",
    ].map { record(0, "G/api/v3/" + $0) }
    let order = "P/api/v3/order\nsymbol=SOLUSDT&side=BUY&type="
    let signed = [
        order + "LIMIT&timeInForce=GTC&quantity=1&price=10&newClientOrderId=ours", order + "MARKET&quoteOrderQty=50",
        order + "STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=90000&stopPrice=80000",
        order + "LIMIT_MAKER&quantity=1&price=10",
        "P/api/v3/order/test\nsymbol=SOLUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=1&price=100000&computeCommissionRates=true",
        "P/api/v3/order/oco\nsymbol=SOLUSDT&side=SELL&quantity=1&price=90000&stopPrice=10&stopLimitPrice=9&stopLimitTimeInForce=GTC",
        "G/api/v3/openOrders?symbol=SOLUSDT", "G/api/v3/allOrders?symbol=SOLUSDT&startTime=1&limit=5",
        "G/api/v3/myTrades?symbol=SOLUSDT&fromId=0",
        "G/api/v3/account?omitZeroBalances=true", "G/api/v3/order?symbol=SOLUSDT&origClientOrderId=ours",
        "D/api/v3/order?symbol=SOLUSDT&origClientOrderId=ours", "D/api/v3/openOrders?symbol=SOLUSDT",
    ].map { record(1, $0) }
    let api = [
        record(2, "G/ws-api/v3"), record(4, #"{"id":"1","method":"userDataStream.subscribe.signature","params":{}}"#),
        record(
            4, #"{"id":2,"method":"order.place","params":{"symbol":"SOLUSDT","side":"BUY","type":"MARKET","quantity":"1"}}"#),
        record(3, #"{"id":"3","method":"klines","params":{"symbol":"SOLUSDT","interval":"1w","limit":3,"startTime":1}}"#),
        record(4, #"{"id":"4","method":"openOrders.cancelAll","params":{"symbol":"SOLUSDT"}}"#),
    ]
    let streams = [
        record(2, "G/stream?streams=solusdt@trade/%21ticker%40arr/solusdt@depth5@100ms"),
        record(3, #"{"method":"SUBSCRIBE","params":["solusdt@kline_1M","solusdt@depth@100ms","solusdt@bookTicker"],"id":1}"#),
        record(3, #"{"method":"UNSUBSCRIBE","params":["solusdt@kline_1M"],"id":"x"}"#),
        record(3, #"{"method":"SET_PROPERTY","params":["combined",false],"id":2}"#),
        record(3, #"{"method":"LIST_SUBSCRIPTIONS","id":3}"#),
    ]
    return seeds(open + signed, streams) + seeds(signed, api)
}()

let krakenSeeds: [[UInt8]] = {
    let open = [
        "Time", "SystemStatus", "Assets?asset=XBT,USD", "AssetPairs?pair=XBTUSD", "Ticker?pair=XBTUSD",
        "OHLC?pair=XBTUSD&interval=5&since=1",
        "Depth?pair=XXBTZUSD&count=5", "Trades?pair=XBTUSD&since=1750000000000000000&count=5", "Spread?pair=XBTUSD&since=1",
    ].map { record(0, "G/0/public/" + $0) }
    let order = "pair=XBTUSD&type=buy&volume=0.5&ordertype="
    let signed = [
        "AddOrder\n" + order + "limit&price=10&cl_ord_id=swx0001&oflags=post", "AddOrder\n" + order + "market&oflags=fciq",
        "AddOrder\n" + order + "stop-loss-limit&price=9000000&price2=%2B1%25&timeinforce=gtd&expiretm=%2B60",
        "AddOrder\n" + #"{"pair":"XBTUSD","type":"sell","ordertype":"limit","volume":"0.5","price":"9000000","validate":true}"#,
        "OpenOrders\ntrades=true", "ClosedOrders\nstart=1&end=1999999999&ofs=0", "QueryOrders\ntxid=OAAAAA-BBBBB-CCCCCC",
        "TradesHistory\ntype=all&ofs=0",
        "QueryTrades\ntxid=TAAAAA-BBBBB-CCCCCC", "Balance\n", "BalanceEx\n", "CancelOrder\ncl_ord_id=swx0001", "CancelAll\n",
        "CancelAllOrdersAfter\ntimeout=60", "GetWebSocketsToken\n", "GetApiKeyInfo\n",
    ].map { record(1, "P/0/private/" + $0) }
    let streams = [
        record(2, "G/v2"),
        record(3, #"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10},"req_id":1}"#),
        record(3, #"{"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":1},"req_id":2}"#),
        record(3, #"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true},"req_id":3}"#),
        record(3, #"{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD"],"event_trigger":"bbo"},"req_id":4}"#),
        record(3, #"{"method":"unsubscribe","params":{"channel":"ticker","symbol":["BTC/USD"]},"req_id":5}"#),
        record(3, #"{"method":"ping","req_id":6}"#),
    ]
    let trading = [
        record(2, "G/v2"),
        record(4, #"{"method":"subscribe","params":{"channel":"executions","snap_orders":true,"snap_trades":true},"req_id":1}"#),
        record(4, #"{"method":"subscribe","params":{"channel":"balances","snapshot":true},"req_id":2}"#),
        record(
            4,
            #"{"method":"add_order","params":{"order_type":"limit","side":"sell","order_qty":0.5,"symbol":"BTC/USD","limit_price":9000000.0},"req_id":3}"#
        ),
        record(4, #"{"method":"cancel_order","params":{"order_id":["OAAAAA-BBBBB-CCCCCC"]},"req_id":4}"#),
        record(4, #"{"method":"cancel_all","params":{},"req_id":5}"#),
    ]
    return seeds(open + signed, streams) + seeds(signed, trading)
}()
