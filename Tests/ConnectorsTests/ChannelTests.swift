import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import Testing
import WebTesting

struct ChannelTests {
    @Test func `what is sent comes out in order, and a full channel holds the sender back`() async {
        let channel = EventChannel<Int>(capacity: 3)
        let sum = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                for value in 0..<10_000 { await channel.send(value) }
                channel.finish()
                return 0
            }
            group.addTask {
                var expected = 0
                for await value in channel {
                    if value != expected { return -1 }
                    expected += 1
                }
                return expected
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 10_000)
    }

    @Test func `a push into a full channel is refused, and the backlog can be replaced`() async {
        let channel = EventChannel<Int>(capacity: 2)
        #expect(channel.push(1) && channel.push(2) && !channel.push(3))
        #expect(channel.replaceAll { [10 + $0, 20] } == 2)
        #expect(await channel.next() == 12)
        channel.finish()
        #expect(await channel.next() == 20)
        #expect(await channel.next() == nil)
        #expect(!channel.push(1))
        #expect(await channel.send(1) == false)
    }

    @Test func `canceled readers and writers go on`() async {
        let channel = EventChannel<Int>(capacity: 1)
        let reader = Task { await channel.next() }
        reader.cancel()
        #expect(await reader.value == nil)
        #expect(channel.push(1))
        let writer = Task { await channel.send(2) }
        writer.cancel()
        #expect(await writer.value == false)
        #expect(channel.count == 1)
    }

    @Test func `a consumer that does not read is told how much it lost, and goes on`() async throws {
        let exchange = FakeExchange(bookRule: .updateIDs)
        let web = InMemoryWeb(exchange)
        let origin = WebOrigin(scheme: .http, host: "127.0.0.1", port: 1)
        let address = VenueAddress(try #require(VenueID("paper-fake")), rest: origin, marketStream: origin, accountStream: origin)
        let clock = SystemConnectorClock { Timestamp(milliseconds: 0) }
        let client = MarketDataClient(FakeMarketData(bookRule: .updateIDs), at: address, client: web, dialer: web, clock: clock)
        var settings = MarketStream.Settings()
        settings.capacity = 30
        let stream = try client.stream([.trades(try Fake.instrument())], settings: settings)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stream.run() }
            #expect(await stream.events.next() == .resumed(stream.subscriptions[0], isComplete: true))
            while stream.counters.dropped == 0 { await exchange.trade() }
            var told: StreamEvent?
            while let event = await stream.events.next() {
                if case .gap(_, .overflow(let dropped)) = event {
                    #expect(dropped > 20)
                    told = await stream.events.next()
                    break
                }
            }
            #expect(told == .resumed(stream.subscriptions[0], isComplete: false))
            await exchange.trade()
            guard case .market(.trade)? = await stream.events.next() else {
                Issue.record("no trade after the gap")
                return
            }
            group.cancelAll()
        }
    }
}
