import Exchange
import PaperExchange
import Testing
import Web

@testable import PaperServer

/// Streams over real sockets, each fault of theirs, and how they end.
struct StreamTests {
    @Test(arguments: [
        (PaperFault.Kind.loseStreamMessages, ["b", "c"]), (.duplicateStreamMessages, ["a", "a", "b", "c"]),
        (.reorderStreamMessages, ["b", "a", "c"]),
    ])
    func `messages are lost, come twice or late`(_ kind: PaperFault.Kind, _ expected: [String]) async throws {
        try await Rig.run { rig in
            let socket = try await rig.stream()
            try await rig.fault(kind)
            for text in ["a", "b", "c"] { try await socket.say(text) }
            for text in expected { #expect(try await socket.json().text == text) }
            await socket.close(code: 1000, reason: "")
        }
    }

    @Test func `a venue cuts all streams, and takes new ones`() async throws {
        try await Rig.run { rig in
            let (a, b) = (try await rig.stream(), try await rig.stream())
            try await rig.fault(.disconnectStreams)
            await rig.clock.tick()
            #expect(await a.endCode() == 1006)
            #expect(await b.endCode() == 1006)
            let c = try await rig.stream()
            try await c.say("still here")
            #expect(try await c.json().text == "still here")
            await c.close(code: 1000, reason: "")
        }
    }

    @Test func `changes of the book follow each other until one is left out`() async throws {
        try await Rig.run { rig in
            let socket = try await rig.stream()
            // The first may have begun before the stream.
            await rig.clock.tick(after: .seconds(2))
            var last = try #require(try await socket.json()["last"]?.integer)
            for _ in 0..<3 {
                await rig.clock.tick(after: .seconds(2))
                let change = try await socket.json()
                #expect(change["first"]?.integer == last + 1)
                last = try #require(change["last"]?.integer)
            }
            try await rig.fault(.bookGap)
            await rig.clock.tick(after: .seconds(2))
            await rig.clock.tick(after: .seconds(2))
            let first = try #require(try await socket.json()["first"]?.integer)
            #expect(first > last + 1)
            #expect(try await rig.struck("bookGap") == 1)
            await socket.close(code: 1000, reason: "")
        }
    }

    @Test func `an outage takes no streams, and an unknown path has none`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.outage)
            let dialer = try NIOWebSocketDialer(version: "0")
            let refused = await failure { () throws(WebFailure) in
                try await dialer.connect(to: rig.origin(.ws), path: "/stream", headers: [], timeout: .seconds(60))
            }
            #expect(refused?.isNotSent == true)
            let socket = try await dialer.connect(to: rig.origin(.ws), path: "/none", headers: [], timeout: .seconds(60))
            #expect(await socket.endCode() == 1008)
        }
    }

    @Test func `the protocol closes a stream behind its last message`() async throws {
        try await Rig.run { rig in
            let socket = try await rig.stream()
            try await socket.say("bye")
            #expect(try await socket.json().text == "bye")
            #expect(await socket.endCode() == 4001)
            let binary = try await rig.stream()
            try await binary.send(.binary([1, 2, 3]))
            #expect(await binary.endCode() == 1003)
        }
    }

    @Test func `who does not read is cut, and nobody else notices`() async throws {
        try await Rig.run { rig in
            let other = try await rig.stream()
            var limits = WebSocketLimits()
            limits.inboxMessages = 1
            let socket = try await rig.stream(limits: limits)
            try await socket.say("flood")
            while try await rig.count("slow_streams_cut") == 0 {}
            #expect(await socket.endCode() == 1006)
            #expect(try await rig.count("streams") == 1)
            try await other.say("hello")
            #expect(try await other.json().text == "hello")
            await other.close(code: 1000, reason: "")
        }
    }

    @Test func `a server that ends says goodbye, and then nobody is there`() async throws {
        try await Rig.run { rig in
            let socket = try await rig.stream()
            async let ended: Void = rig.server.shutdown(grace: .seconds(60))
            #expect(await socket.endCode() == 1001)
            await ended
            let refused = await failure { () throws(WebFailure) in try await rig.send("/time") }
            #expect(refused != nil)
        }
    }

    @Test func `a port that is taken is named with the file and the venue, and nothing stays behind`() async throws {
        try await Rig.run { rig in
            let port = rig.server.ready.venues[0].port
            let second = try Rig.configuration(listen: "127.0.0.1:\(port)")
            do throws(PaperServerError) {
                let server = try await PaperExchangeServer.start(second, Rig.surroundings(.real))
                await server.shutdown()
                Issue.record("two servers at one port")
            } catch {
                #expect(error.kind == .system)
                for part in ["paper.yaml", "paper-test", "port \(port)", "in use"] {
                    #expect(error.description.contains(part), "\(error)")
                }
            }
        }
    }
}
