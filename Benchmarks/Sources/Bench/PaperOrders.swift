import Exchange
import Foundation

/// The paper exchange over REST on loopback, the real process: how long one order takes, and how many orders a second it takes in. Beside it the C program
/// that answers the same requests with as many bytes, asked by the same client in turn with it.
enum PaperOrders {
    /// Cycles of three requests, two of which place an order.
    private static let cycles = (latency: 3000, throughput: 1000)
    private static let connections = 8

    static func rows(_ options: Options) throws -> [Row] {
        let venue = try PaperExchangeProcess.start(options)
        defer { venue.end() }
        var traffic = OrderTraffic(price: Int(try venue.price(of: "BTCUSDT")))
        let body = try warmUp(venue, &traffic)
        let responder = try PaperExchangeProcess.startReference(options, body: body)
        defer { responder.end() }
        var alone = Pair()
        var together = Pair()
        for _ in 0..<options.rounds {
            let one = [try traffic.requests(cycles: cycles.latency)]
            alone.limits.append(try OrderTraffic.run(one, on: responder, isVenue: false))
            alone.ours.append(try OrderTraffic.run(one, on: venue, isVenue: true))
            let many = try (0..<connections).map { _ in try traffic.requests(cycles: cycles.throughput) }
            together.limits.append(try OrderTraffic.run(many, on: responder, isVenue: false))
            together.ours.append(try OrderTraffic.run(many, on: venue, isVenue: true))
        }
        return [trip("p50", 0.5, alone), trip("p99", 0.99, alone), rate(together)]
    }

    private struct Pair {
        var ours: [OrderTraffic.Measured] = []
        var limits: [OrderTraffic.Measured] = []
    }

    private static func trip(_ name: String, _ part: Double, _ pair: Pair) -> Row {
        func value(_ measured: [OrderTraffic.Measured]) -> Double { measured.map { $0.trips.quantile(part) }.median * 1e3 }
        var row = Row("paper exchange, order over REST, \(name)", value(pair.ours), "ms", decimals: 3)
        row.limit = value(pair.limits)
        row.note = processor(pair)
        return row
    }

    private static func rate(_ pair: Pair) -> Row {
        func value(_ measured: [OrderTraffic.Measured]) -> Double { measured.map { Double($0.orders) / $0.seconds }.median }
        var row = Row("paper exchange, orders over \(connections) connections", value(pair.ours), "orders/s")
        row.limit = value(pair.limits)
        let requests = pair.ours.map { Double($0.requests) / $0.seconds }.median
        let perSecond = pair.ours.map { Double($0.orders) / $0.processor }.median
        let slow = pair.ours.map { $0.trips.quantile(0.99) }.median * 1e3
        row.note =
            "with a cancel to every two orders \(Text.whole(requests)) requests/s; \(Text.whole(perSecond)) orders/CPU s; p99 "
            + "\(Text.decimals(slow, 2)) ms; " + processor(pair)
        return row
    }

    private static func processor(_ pair: Pair) -> String {
        func value(_ measured: [OrderTraffic.Measured]) -> String {
            Text.decimals(measured.map { $0.processor / Double($0.requests) }.median * 1e6, 0)
        }
        return "CPU of the server a request \(value(pair.ours)) us, C \(value(pair.limits)) us"
    }

    /// Returns how many bytes the body of an answer has on average.
    private static func warmUp(_ venue: PaperExchangeProcess, _ traffic: inout OrderTraffic) throws -> Int {
        let measured = try OrderTraffic.run([try traffic.requests(cycles: 1000)], on: venue, isVenue: true)
        return measured.bodyBytes / measured.requests
    }
}
