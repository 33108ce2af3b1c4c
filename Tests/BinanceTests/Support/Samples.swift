import Exchange

/// Messages and answers of our own making, after the documented formats.
enum Samples {
    static func bytes(_ name: String) -> [UInt8] { Array((all[name] ?? "").utf8) }
    static func response(_ name: String, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: [], body: bytes(name))
    }

    static let all: [String: String] = market.merging(answers) { a, _ in a }.merging(user) { a, _ in a }

    static let market = [
        "trade":
            #"{"e":"trade","E":1760000000101,"s":"SOLUSDT","t":9001,"p":"153.27000000","q":"4.50000000","T":1760000000100,"m":true,"M":true}"#,
        "aggTrade":
            #"{"e":"aggTrade","E":1760000000101,"s":"SOLUSDT","a":777,"p":"153.270","q":"12","f":1,"l":3,"T":1760000000099,"m":false}"#,
        "kline":
            #"{"e":"kline","E":1760000000101,"s":"SOLUSDT","k":{"t":1759999980000,"T":1760000039999,"s":"SOLUSDT","i":"1m","f":1,"L":9,"o":"150.1","c":"153.2","h":"154","l":"149.5","v":"1000.25","n":9,"x":false,"q":"1","V":"1","Q":"1","B":"0"}}"#,
        "depth":
            #"{"e":"depthUpdate","E":1760000000101,"s":"SOLUSDT","U":157,"u":160,"b":[["153.20000000","10.00000000"],["153.10000000","0.00000000"]],"a":[["153.30000000","2.5"]]}"#,
        "futuresDepth":
            #"{"e":"depthUpdate","E":1760000000101,"T":1760000000100,"s":"SOLUSDT","U":157,"u":160,"pu":156,"b":[["153.2","10"]],"a":[]}"#,
        "bookTicker": #"{"u":400900217,"s":"SOLUSDT","b":"153.26000000","B":"31.2","a":"153.27000000","A":"40.6"}"#,
        "futuresBookTicker":
            #"{"e":"bookTicker","u":4,"E":1760000000101,"T":1760000000100,"s":"SOLUSDT","b":"153.26","B":"31","a":"153.27","A":"40"}"#,
        "combined":
            #"{"stream":"solusdt@trade","data":{"e":"trade","E":1,"s":"SOLUSDT","t":9002,"p":"1.5","q":"2","T":3,"m":false}}"#,
        "acknowledged": #"{"result":null,"id":7}"#,
        "streamError": #"{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"},"id":8}"#,
        "serverShutdown": #"{"e":"serverShutdown","E":1760000000101}"#,
        "unknownEvent": #"{"e":"somethingNew","E":1760000000101,"x":[1,{"y":null}]}"#,
    ]

    static let user = [
        "executionNew":
            #"{"subscriptionId":0,"event":{"e":"executionReport","E":1760000000101,"s":"SOLUSDT","c":"0123456789abcdef0123456789abcdef","S":"BUY","o":"LIMIT","f":"GTC","q":"4.5","p":"153.27","P":"0.0","F":"0.0","g":-1,"C":"","x":"NEW","X":"NEW","r":"NONE","i":4293153,"l":"0.0","z":"0.0","L":"0.0","n":"0","N":null,"T":1760000000100,"t":-1,"w":true,"m":false,"O":1760000000100,"Z":"0.0","Y":"0.0"}}"#,
        "executionTrade":
            #"{"subscriptionId":0,"event":{"e":"executionReport","E":1760000000101,"s":"SOLUSDT","c":"ours","S":"SELL","o":"LIMIT","f":"GTC","q":"4.5","p":"153.27","P":"0.0","F":"0.0","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4293153,"l":"1.5","z":"2.5","L":"153.28","n":"0.00012","N":"BNB","T":1760000000100,"t":55,"w":true,"m":true,"O":1760000000000,"Z":"383.19","Y":"229.92"}}"#,
        "executionCanceled":
            #"{"subscriptionId":0,"event":{"e":"executionReport","E":1,"s":"SOLUSDT","c":"cancel1","S":"SELL","o":"STOP_LOSS_LIMIT","f":"GTC","q":"4.5","p":"140","P":"141","C":"ours","x":"CANCELED","X":"CANCELED","r":"NONE","i":4293154,"l":"0","z":"0","L":"0","n":"0","N":null,"T":2,"t":-1,"w":false,"m":false,"O":1,"Z":"0","Y":"0"}}"#,
        "accountPosition":
            #"{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1,"u":1,"B":[{"a":"SOL","f":"10.5","l":"4.5"},{"a":"USDT","f":"1000.00000001","l":"0"}]}}"#,
        "balanceUpdate": #"{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1,"a":"SOL","d":"100.0","T":1}}"#,
        "listStatus":
            #"{"subscriptionId":0,"event":{"e":"listStatus","E":1,"s":"SOLUSDT","g":2,"c":"OCO","l":"EXEC_STARTED","L":"EXECUTING","r":"NONE","C":"list","T":1,"O":[]}}"#,
        "terminated": #"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1760000000101}}"#,
        "subscribed": #"{"id":"3","status":200,"result":{"subscriptionId":0},"rateLimits":[]}"#,
        "subscribeRefused":
            #"{"id":"3","status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#,
        "subscribeBanned":
            #"{"id":"3","status":418,"error":{"code":-1003,"msg":"Way too much request weight used.","data":{"serverTime":1760000000000,"retryAfter":1760000090000}}}"#,
        "orderUpdate":
            #"{"e":"ORDER_TRADE_UPDATE","E":2,"T":1,"o":{"s":"SOLUSDT","c":"ours","S":"SELL","o":"LIMIT","f":"GTC","q":"10","p":"153.3","ap":"153.31","sp":"0","x":"TRADE","X":"FILLED","i":8886774,"l":"10","z":"10","L":"153.31","N":"USDT","n":"0.61","T":1760000000100,"t":88,"b":"0","a":"0","m":false,"R":true,"ot":"LIMIT","ps":"BOTH","cp":false,"rp":"3.1"}}"#,
        "algoUpdate":
            #"{"e":"ALGO_UPDATE","T":1760000000100,"E":1760000000101,"o":{"caid":"stop1","aid":2148719,"at":"CONDITIONAL","o":"STOP_MARKET","s":"SOLUSDT","S":"SELL","ps":"BOTH","f":"GTC","q":"10","X":"REJECTED","ai":"","ap":"0.0","aq":"0.0","tp":"140","p":"0","R":true,"rm":"Reduce Only reject"}}"#,
        "accountUpdate":
            #"{"e":"ACCOUNT_UPDATE","E":2,"T":1,"a":{"m":"ORDER","B":[{"a":"USDT","wb":"1226.25","cw":"1000.00","bc":"0"}],"P":[{"s":"SOLUSDT","pa":"-10","ep":"153.3","bep":"153.2","cr":"0","up":"-1.25","mt":"cross","iw":"0","ps":"SHORT"}]}}"#,
        "listenKeyExpired": #"{"e":"listenKeyExpired","E":1760000000101,"listenKey":"abc"}"#,
    ]
}
