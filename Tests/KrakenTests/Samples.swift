/// Answers and messages made by hand after Kraken's documentation; values are invented.
enum Answers {
    static let assets = #"""
        {"XXBT":{"aclass":"currency","altname":"XBT","decimals":10},"XXDG":{"aclass":"currency","altname":"XDG","decimals":8},
        "ZUSD":{"aclass":"currency","altname":"USD","decimals":4},"SOL":{"aclass":"currency","altname":"SOL","decimals":10}}
        """#
    static let pairs = #"""
        {"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","aclass_base":"currency","base":"XXBT","aclass_quote":"currency","quote":"ZUSD",
        "cost_decimals":5,"pair_decimals":1,"lot_decimals":8,"fees":[[0,0.26],[50000,0.24]],"fees_maker":[[0,0.16]],"ordermin":"0.0001",
        "costmin":"0.5","tick_size":"0.1","status":"online"},
        "XDGUSD":{"altname":"XDGUSD","wsname":"XDG/USD","base":"XXDG","quote":"ZUSD","pair_decimals":7,"lot_decimals":8,"status":"cancel_only"},
        "XXBTZUSD.d":{"altname":"XBTUSD.d","base":"XXBT","quote":"ZUSD","pair_decimals":1,"lot_decimals":8},
        "AAPLxUSD":{"altname":"AAPLxUSD","aclass_base":"tokenized_asset","base":"AAPLx","quote":"ZUSD","pair_decimals":2,"lot_decimals":8}}
        """#
    static let time = #"{"unixtime":1750000001,"rfc1123":"Sun, 15 Jun 25 15:06:41 +0000"}"#
    static let status = #"{"status":"post_only","timestamp":"2025-06-15T15:06:41Z"}"#
    static let candles = #"""
        {"XXBTZUSD":[[1749999840,"105000.1","105010.0","104990.5","105005.0","105000.0","1.25000000",10],
        [1749999900,"105005.0","105020.0","105005.0","105019.9","105010.0","0.50000000",4],
        [1749999960,"105019.9","105019.9","105000.0","105000.0","105010.0","2.00000000",7]],"last":1749999900}
        """#
    static let trades = #"""
        {"XXBTZUSD":[["105000.10000","0.00100000",1749999999.1234567,"b","m","",101],["105000.00000","0.25000000",1750000000.5,"s","l","",102]],
        "last":"1750000000500000000"}
        """#
    static let depth = #"""
        {"XXBTZUSD":{"asks":[["105000.10000","1.500",1749999999],["105000.20000","0.250",1749999998]],"bids":[["105000.00000","2.000",1749999997]]}}
        """#
    static let balances = #"""
        {"ZUSD":{"balance":"1000.5000","hold_trade":"250.2500"},"XXBT":{"balance":"1.0000000000","hold_trade":"0.2500000000"},
        "XBT.F":{"balance":"0.5000000000","hold_trade":"0.0000000000"},"DOT.S":{"balance":"12.0000000000","hold_trade":"0.0"},
        "XXDG":{"balance":"7","hold_trade":"0","credit":"3","credit_used":"1"},"XBT.M":{"balance":"0.1","hold_trade":"0"}}
        """#
    static let placed = #"{"descr":{"order":"buy 0.00100000 XBTUSD @ limit 60000.0"},"txid":["OABCDE-FGHIJ-KLMNOP"]}"#
    static let validated = #"{"descr":{"order":"buy 0.00100000 XBTUSD @ limit 60000.0"}}"#
    static let canceled = #"{"count":1}"#
    static let timer = #"{"currentTime":"2025-06-15T15:06:40Z","triggerTime":"2025-06-15T15:07:40Z"}"#
    static let open = #"""
        {"open":{"OAAAAA-BBBBB-CCCCCC":{"refid":null,"userref":0,"cl_ord_id":"swx0001","status":"open","opentm":1749999990.1234,"starttm":0,
        "expiretm":0,"descr":{"pair":"XBTUSD","type":"sell","ordertype":"stop-loss-limit","price":"59500.0","price2":"59000.0","leverage":"none",
        "order":"sell","close":""},"vol":"0.00100000","vol_exec":"0.00000000","cost":"0.00000","fee":"0.00000","price":"0.00000","misc":"",
        "oflags":"fciq"},"ODDDDD-EEEEE-FFFFFF":{"status":"open","opentm":1749999991,"descr":{"pair":"ETHUSD","type":"buy","ordertype":"limit",
        "price":"2500.00","price2":"0"},"vol":"2.00000000","vol_exec":"0.50000000","cost":"1250.00","fee":"3.25","misc":"","oflags":"fciq"}}}
        """#
    static let closed = #"""
        {"closed":{"OGGGGG-HHHHH-IIIIII":{"cl_ord_id":"swx0001","status":"canceled","reason":"User requested","opentm":1749999980.5,
        "closetm":1749999985.25,"descr":{"pair":"XBTUSD","type":"buy","ordertype":"market","price":"0","price2":"0"},"vol":"123.45",
        "vol_exec":"0.00100000",
        "cost":"105.00","fee":"0.27","misc":"","oflags":"fciq,viqc"}},"count":1}
        """#
    static let queried = #"""
        {"OJJJJJ-KKKKK-LLLLLL":{"status":"closed","opentm":1749999980.5,"closetm":1749999985.25,"descr":{"pair":"XBTUSD","type":"buy",
        "ordertype":"limit","price":"105000.0","price2":"0"},"vol":"0.00100000","vol_exec":"0.00100000","cost":"105.00","fee":"0.27",
        "oflags":"post"}}
        """#
    static let history = #"""
        {"trades":{"TBBBBB-AAAAA-222222":{"ordertxid":"OAAAAA-BBBBB-CCCCCC","pair":"XXBTZUSD","time":1749999999.5,"type":"sell","ordertype":"limit",
        "price":"105000.10000","cost":"105.00010","fee":"0.27300","vol":"0.00100000","maker":false},"TAAAAA-AAAAA-111111":{"ordertxid":
        "OAAAAA-BBBBB-CCCCCC","pair":"XXBTZUSD","time":1749999998.25,"type":"sell","price":"105000.00000","cost":"52.5","fee":"0.13650",
        "vol":"0.00050000","maker":true}},"count":120}
        """#
    static let token = #"{"token":"made-up-token","expires":900}"#
    static let rights =
        #"{"apiKeyName":"bot","permissions":["query-funds","query-open-trades","modify-trades","withdraw-funds"]}"#
}

enum Messages {
    static let trade = #"""
        {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":105000.1,"qty":0.00100000,"ord_type":"market",
        "trade_id":4665906,"timestamp":"2025-06-15T15:06:40.708706Z"},{"symbol":"BTC/USD","side":"buy","price":105000.2,"qty":1e-8,
        "ord_type":"limit",
        "trade_id":4665907,"timestamp":"2025-06-15T15:06:41.000000Z"}]}
        """#
    static let candle = #"""
        {"channel":"ohlc","type":"update","timestamp":"2025-06-15T15:06:40.1Z","data":[{"symbol":"BTC/USD","open":105000.1,"high":105010.0,
        "low":104990.5,
        "close":105005.0,"trades":12,"volume":1.25,"vwap":105000.5,"interval_begin":"2025-06-15T15:05:00.000000000Z","interval":5,
        "timestamp":"2025-06-15T15:10:00.000000Z"}]}
        """#
    static let book = #"""
        {"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":105000.0,"qty":0.00000000}],"asks":[{"price":105000.1,
        "qty":0.25000000}],"checksum":4294967295,"timestamp":"2025-06-15T15:06:40.440295Z"}]}
        """#
    static let quote = #"""
        {"channel":"ticker","type":"snapshot","data":[{"symbol":"BTC/USD","bid":105000.0,"bid_qty":0.5,"ask":105000.1,"ask_qty":1.25,
        "last":105000.1,
        "volume":1000.5,"vwap":104000.1,"low":100000.0,"high":106000.0,"change":1.5,"change_pct":0.01}]}
        """#
    static let online = #"""
        {"channel":"status","type":"update","data":[{"version":"2.0.0","system":"online","api_version":"v2","connection_id":12345678901234567890}]}
        """#
    static let maintenance = #"{"channel":"status","type":"update","data":[{"system":"maintenance","api_version":"v2"}]}"#
    static let heartbeat = #"{"channel":"heartbeat"}"#
    static let pong = #"{"method":"pong","req_id":5,"time_in":"2025-06-15T15:06:40.1Z","time_out":"2025-06-15T15:06:40.1Z"}"#
    static let accepted = #"""
        {"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,"req_id":7}
        """#
    static let refused =
        #"{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD","req_id":8}"#
    static let pendingNew = #"""
        {"channel":"executions","type":"update","data":[{"order_id":"OAAAAA-BBBBB-CCCCCC","cl_ord_id":"swx0001","symbol":"BTC/USD",
        "order_qty":0.001,
        "cum_cost":0.0,"time_in_force":"GTC","exec_type":"pending_new","side":"sell","order_type":"stop-loss-limit","limit_price":59000.0,
        "stop_price":59500.0,"order_status":"pending_new","timestamp":"2025-06-15T15:06:40.709950Z","triggers":{"price":59500.0,
        "status":"untriggered"}}],
        "sequence":8}
        """#
    static let new = #"""
        {"channel":"executions","type":"update","data":[{"timestamp":"2025-06-15T15:06:40.8Z","order_status":"new","exec_type":"new",
        "order_userref":0,"order_id":"OAAAAA-BBBBB-CCCCCC"}],"sequence":9}
        """#
    static let execution = #"""
        {"channel":"executions","type":"update","data":[{"order_id":"OAAAAA-BBBBB-CCCCCC","cl_ord_id":"swx0001","exec_id":"TBBBBB-AAAAA-222222",
        "exec_type":"trade","trade_id":99,"symbol":"BTC/USD","side":"sell","last_qty":0.0005,"last_price":105000.1,"liquidity_ind":"m",
        "cost":52.50005,
        "order_status":"partially_filled","order_type":"limit","cum_qty":0.00050000,"cum_cost":52.50005,"order_qty":0.001,"limit_price":105000.1,
        "fees":[{"asset":"USD","qty":0.13125}],"timestamp":"2025-06-15T15:06:41.5Z"}],"sequence":10}
        """#
    static let canceled = #"""
        {"channel":"executions","type":"update","data":[{"timestamp":"2025-06-15T15:06:42Z","order_status":"canceled","exec_type":"canceled",
        "cum_qty":0.00050000,"cum_cost":52.50005,"reason":"User requested","order_id":"OAAAAA-BBBBB-CCCCCC"}],"sequence":11}
        """#
    static let balances = #"""
        {"channel":"balances","type":"snapshot","data":[{"asset":"BTC","asset_class":"currency","balance":1.5,"wallets":[{"type":"spot","id":"main",
        "balance":1.2},{"type":"earn","id":"flexible","balance":0.3}]}],"sequence":1}
        """#
    static let balance = #"""
        {"channel":"balances","type":"update","data":[{"asset":"USD","asset_class":"currency","amount":-52.5,"balance":947.50000,"fee":0.1,
        "type":"trade",
        "wallet_type":"spot","wallet_id":"main","timestamp":"2025-06-15T15:06:41.5Z"},{"asset":"USD","balance":5.0,"wallet_type":"earn"}],
        "sequence":2}
        """#

    static let market = [trade, candle, book, quote, online, maintenance, heartbeat, pong, accepted, refused]
    static let account = [pendingNew, new, execution, canceled, balances, balance, online, heartbeat, accepted, refused]
}
