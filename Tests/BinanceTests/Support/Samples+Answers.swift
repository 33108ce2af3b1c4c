extension Samples {
    static let answers = [
        "time": #"{"serverTime":1760000000123}"#,
        "klines":
            #"[[1759999920000,"150.10000000","154.00","149.5","153.2","1000.25",1759999979999,"1.0",9,"1","1","0"],[1759999980000,"153.2","153.2","153.2","153.2","0",1760000039999,"0",0,"0","0","0"]]"#,
        "trades":
            #"[{"id":28457,"price":"153.27","qty":"4.5","quoteQty":"689.715","time":1760000000100,"isBuyerMaker":true,"isBestMatch":true}]"#,
        "aggTrades": #"[{"a":777,"p":"153.27","q":"12","f":1,"l":3,"T":1760000000099,"m":false}]"#,
        "book": #"{"lastUpdateId":160,"bids":[["153.20","10"]],"asks":[["153.30","2.5"],["153.40","1"]]}"#,
        "exchangeInfo":
            #"{"timezone":"UTC","serverTime":1,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1200},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50},{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000},{"rateLimitType":"SOMETHING","interval":"DAY","intervalNum":1,"limit":1}],"symbols":[{"symbol":"SOLUSDT","status":"TRADING","baseAsset":"SOL","quoteAsset":"USDT","isSpotTradingAllowed":true,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"10000.00","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"90000","stepSize":"0.00100000"},{"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"500.5","stepSize":"0.00000000"},{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":false,"maxNotional":"9000000.00","applyMaxToMarket":false,"avgPriceMins":5}]},{"symbol":"OLDUSDT","status":"BREAK","baseAsset":"OLD","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"1"},{"filterType":"LOT_SIZE","minQty":"1","maxQty":"10","stepSize":"1"},{"filterType":"MIN_NOTIONAL","minNotional":"10","applyToMarket":true}]},{"symbol":"ODD","status":"TRADING","baseAsset":"O","quoteAsset":"DD","filters":[]}]}"#,
        "futuresInfo":
            #"{"rateLimits":[{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200}],"symbols":[{"symbol":"SOLUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"SOL","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":4,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.42","maxPrice":"6857","tickSize":"0.0100"},{"filterType":"LOT_SIZE","minQty":"1","maxQty":"1000000","stepSize":"1"},{"filterType":"MIN_NOTIONAL","notional":"5"}]},{"symbol":"SOLUSDT_270326","contractType":"CURRENT_QUARTER","status":"TRADING","baseAsset":"SOL","quoteAsset":"USDT","marginAsset":"USDT","filters":[]}]}"#,
        "funding":
            #"[{"symbol":"SOLUSDT","fundingRate":"-0.00012500","fundingTime":1759996800000,"markPrice":"153.25"},{"symbol":"SOLUSDT","fundingRate":"0.00010000","fundingTime":1760025600000,"markPrice":""}]"#,
        "premium":
            #"{"symbol":"SOLUSDT","markPrice":"153.26","indexPrice":"153.2","estimatedSettlePrice":"153","lastFundingRate":"0.0001","interestRate":"0.0001","nextFundingTime":1760025600000,"time":1760000000100}"#,
        "account":
            #"{"makerCommission":10,"canTrade":true,"canWithdraw":false,"canDeposit":true,"updateTime":1,"accountType":"SPOT","balances":[{"asset":"SOL","free":"10.50000000","locked":"4.5"},{"asset":"USDT","free":"1000","locked":"0.0"}],"permissions":["SPOT"]}"#,
        "restrictions":
            #"{"ipRestrict":true,"createTime":1,"enableReading":true,"enableWithdrawals":true,"enableInternalTransfer":false,"enableMargin":false,"enableFutures":false,"enableSpotAndMarginTrading":true}"#,
        "orderAck":
            #"{"symbol":"SOLUSDT","orderId":28,"orderListId":-1,"clientOrderId":"ours","transactTime":1760000000100}"#,
        "orderResult":
            #"{"symbol":"SOLUSDT","orderId":29,"orderListId":-1,"clientOrderId":"ours","transactTime":1760000000100,"price":"0.00","origQty":"4.5","executedQty":"4.5","origQuoteOrderQty":"0","cummulativeQuoteQty":"689.715","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"SELL","workingTime":1760000000100}"#,
        "orderFull":
            #"{"symbol":"SOLUSDT","orderId":30,"orderListId":-1,"clientOrderId":"ours","transactTime":1760000000100,"price":"0.00","origQty":"4.5","executedQty":"4.5","cummulativeQuoteQty":"689.72","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"BUY","fills":[{"price":"153.27","qty":"4","commission":"0.004","commissionAsset":"SOL","tradeId":56},{"price":"153.28","qty":"0.5","commission":"0.0005","commissionAsset":"SOL","tradeId":57}]}"#,
        "order":
            #"{"symbol":"SOLUSDT","orderId":31,"orderListId":-1,"clientOrderId":"ours","price":"140.00","origQty":"4.5","executedQty":"0.0","cummulativeQuoteQty":"-1.0","status":"NEW","timeInForce":"GTC","type":"STOP_LOSS_LIMIT","side":"SELL","stopPrice":"141.0","icebergQty":"0.0","time":1760000000000,"updateTime":1760000000050,"isWorking":false,"origQuoteOrderQty":"0"}"#,
        "canceled":
            #"{"symbol":"SOLUSDT","origClientOrderId":"ours","orderId":31,"orderListId":-1,"clientOrderId":"theCancel","transactTime":1760000000100,"price":"140","origQty":"4.5","executedQty":"0","cummulativeQuoteQty":"0","status":"CANCELED","timeInForce":"GTC","type":"LIMIT","side":"SELL"}"#,
        "canceledAll":
            #"[{"symbol":"SOLUSDT","orderId":1,"status":"CANCELED"},{"orderListId":5,"contingencyType":"OCO","orderReports":[{"orderId":2},{"orderId":3}]}]"#,
        "oco":
            #"{"orderListId":1,"contingencyType":"OCO","listStatusType":"EXEC_STARTED","listOrderStatus":"EXECUTING","listClientOrderId":"list","transactionTime":1,"symbol":"SOLUSDT","orders":[{"symbol":"SOLUSDT","orderId":10,"clientOrderId":"stop"},{"symbol":"SOLUSDT","orderId":11,"clientOrderId":"limit"}],"orderReports":[{"symbol":"SOLUSDT","orderId":10,"clientOrderId":"stop","transactTime":1,"price":"139","origQty":"4.5","executedQty":"0","cummulativeQuoteQty":"0","status":"NEW","type":"STOP_LOSS_LIMIT","side":"SELL","stopPrice":"140"},{"symbol":"SOLUSDT","orderId":11,"clientOrderId":"limit","transactTime":1,"price":"160","origQty":"4.5","executedQty":"0","cummulativeQuoteQty":"0","status":"NEW","type":"LIMIT_MAKER","side":"SELL"}]}"#,
        "myTrades":
            #"[{"symbol":"SOLUSDT","id":57,"orderId":30,"orderListId":-1,"price":"153.28","qty":"0.5","quoteQty":"76.64","commission":"0.0005","commissionAsset":"SOL","time":1760000000100,"isBuyer":true,"isMaker":false,"isBestMatch":true},{"symbol":"SOLUSDT","id":9,"orderId":30,"price":"153.27","qty":"4","quoteQty":"1","commission":"-0.004","commissionAsset":"BNB","time":1760000000100,"isBuyer":true,"isMaker":true}]"#,
        "userTrades":
            #"[{"buyer":false,"commission":"0.61","commissionAsset":"USDT","id":88,"maker":false,"orderId":8886774,"price":"153.31","qty":"10","quoteQty":"1533.1","realizedPnl":"3.1","side":"SELL","positionSide":"BOTH","symbol":"SOLUSDT","time":1760000000100}]"#,
        "futuresOrder":
            #"{"clientOrderId":"ours","cumQty":"0","cumQuote":"1533.1","executedQty":"10","orderId":8886774,"avgPrice":"153.31","origQty":"10","price":"153.3","reduceOnly":true,"side":"SELL","positionSide":"BOTH","status":"FILLED","stopPrice":"0","closePosition":false,"symbol":"SOLUSDT","timeInForce":"GTC","type":"LIMIT","origType":"LIMIT","updateTime":1760000000100}"#,
        "algoOrder":
            #"{"algoId":2148719,"clientAlgoId":"stop1","algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"SOLUSDT","side":"SELL","positionSide":"BOTH","timeInForce":"GTC","quantity":"10","algoStatus":"NEW","triggerPrice":"140.00","price":"0.00","icebergQuantity":null,"workingType":"CONTRACT_PRICE","closePosition":false,"reduceOnly":true,"createTime":1760000000000,"updateTime":1760000000001,"triggerTime":0,"goodTillDate":0}"#,
        "done": #"{"code":200,"msg":"The operation of cancel all open order is done."}"#,
        "algoCanceled": #"{"algoId":2148719,"clientAlgoId":"stop1","code":"200","msg":"success"}"#,
        "listenKey": #"{"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"}"#,
        "countdown": #"{"symbol":"SOLUSDT","countdownTime":"100000"}"#,
        "futuresBalance":
            #"[{"accountAlias":"a","asset":"USDT","balance":"1226.25","crossWalletBalance":"1000","crossUnPnl":"0","availableBalance":"900.5","maxWithdrawAmount":"900","marginAvailable":true,"updateTime":1}]"#,
        "accountConfig": #"{"feeTier":0,"canTrade":true,"canDeposit":true,"canWithdraw":true,"dualSidePosition":false}"#,
        "positions":
            #"[{"symbol":"SOLUSDT","positionSide":"BOTH","positionAmt":"-10","entryPrice":"153.3","breakEvenPrice":"153.2","markPrice":"153.4","unRealizedProfit":"-1.00","liquidationPrice":"250.1","isolatedMargin":"0","notional":"-1534","marginAsset":"USDT","updateTime":1}]"#,
        "leverage": #"{"leverage":5,"maxNotionalValue":"1000000","symbol":"SOLUSDT"}"#,
        "error": #"{"code":-2010,"msg":"Account has insufficient balance for requested action."}"#,
        "cancelReplace":
            #"{"code":-2021,"msg":"Order cancel-replace partially failed.","data":{"cancelResult":"SUCCESS","newOrderResult":"FAILURE","cancelResponse":{},"newOrderResponse":{"code":-2010,"msg":"no"}}}"#,
    ]
}
