import Exchange
import PaperExchange
import Testing
import Web

@testable import PaperServer

/// Requests over real sockets, and each fault of theirs.
struct RequestTests {
    @Test func `a request is answered in the venue's time, which goes as fast as the file says`() async throws {
        let second = """
              - name: paper-fast
                protocol: kraken
                instruments: [{pair: ETH/USD}]
                speed: 60
            """
        try await Rig.run(second) { rig in
            #expect(try await rig.time() == Rig.start)
            rig.clock.advance(.seconds(5))
            #expect(try await rig.time() == Rig.start + 5000)
            #expect(try await rig.time(1) == Rig.start + 300_000)
            #expect(try await rig.send("/nothing").status == 404)
            let books = try await rig.books()
            #expect(books["requests"]?.integer == 3)
            #expect(rig.server.ready.venues.map(\.name) == ["paper-test", "paper-fast"])
        }
    }

    @Test func `a venue that cannot keep up falls behind in small steps, and catches up when it can`() async throws {
        try await Rig.run { rig in
            // Two thousand steps of a second at a time: the tick's, then those of each request.
            await rig.clock.tick(after: .seconds(5000))
            let late = try await rig.time()
            #expect(late == Rig.start + 4_000_000)
            #expect(try await rig.time() == Rig.start + 5_000_000)
            #expect(try await rig.isConserved())
        }
    }

    @Test func `a late answer comes when its time is over`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.latency(milliseconds: 70_007))
            async let answer = rig.send("/time")
            await rig.clock.waitForSleeper(.milliseconds(70_007))
            // It was carried out at once: the time it tells is that of the request.
            rig.clock.advance(.milliseconds(70_007))
            let body = try JSONValue(parsing: try await answer.body)
            #expect(body["time"]?.integer == Rig.start)
            #expect(try await rig.time() == Rig.start + 70_007)
        }
    }

    @Test func `a connection that is cut before the request leaves nothing, after it leaves the order`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.cutBefore)
            let before = await failure { () throws(WebFailure) in try await rig.send("/order") }
            #expect(before?.isUnknown == true)
            #expect(try await rig.fillCount() == 0)
            try await rig.fault(.cutAfter)
            let after = await failure { () throws(WebFailure) in try await rig.send("/order") }
            #expect(after?.isUnknown == true)
            #expect(try await rig.fillCount() == 1)
            #expect(try await rig.isConserved())
        }
    }

    @Test func `an order that is accepted in silence is there, its answer never`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.timeoutAfterAccepting, target: .placing)
            let asked = Task { await failure { () throws(WebFailure) in try await rig.send("/order") } }
            while try await rig.fillCount() == 0 {}
            asked.cancel()
            #expect(await asked.value?.isUnknown == true)
            #expect(try await rig.send("/order").status == 200)
            #expect(try await rig.fillCount() == 2)
        }
    }

    @Test func `a damaged answer is no JSON`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.garbage)
            let answer = try await rig.send("/time")
            #expect(answer.status == 200)
            #expect(throws: JSONError.self) { _ = try JSONValue(parsing: answer.body) }
            _ = try await rig.json("/time")
        }
    }

    @Test(arguments: [
        (PaperFault.Kind.rateLimited(retryAfter: 7), 429, "7" as String?), (.banned(retryAfter: 120), 418, "120"),
        (.outage, 503, nil), (.backendTimeout, 504, nil), (.rejectOrders, 400, nil),
    ])
    func `what the venue refuses has its status`(_ kind: PaperFault.Kind, _ status: Int, _ retryAfter: String?) async throws {
        try await Rig.run { rig in
            try await rig.fault(kind, target: .placing)
            // The fault is about orders only.
            #expect(try await rig.send("/time").status == 200)
            let answer = try await rig.send("/order")
            #expect(answer.status == status)
            #expect(answer.header("Retry-After") == retryAfter)
            #expect(try await rig.fillCount() == (kind == .backendTimeout ? 1 : 0))
            #expect(try await rig.send("/order").status == 200)
            #expect(try await rig.struck(FaultPlan.name(kind)) == 1)
        }
    }

    @Test func `a venue's clock is off by as much as it was told, until the faults are ended`() async throws {
        try await Rig.run { rig in
            try await rig.fault(.clockSkew(milliseconds: -2500), count: nil)
            #expect(try await rig.time() == Rig.start - 2500)
            let cleared = try await rig.client.send(
                rig.control.clearFaults("paper-test"), to: rig.control.origin, timeout: .seconds(60))
            #expect(try JSONValue(parsing: cleared.body)["removed"]?.integer == 1)
            #expect(try await rig.time() == Rig.start)
        }
    }

    @Test func `a fault of the script strikes within its time`() async throws {
        let script = "    faults: [{kind: clockSkew, skew: 1s, at: 10s, for: 5s}]\n    speed: 2"
        try await Rig.run(script) { (rig: Rig) async throws in
            #expect(try await rig.time() == Rig.start)
            rig.clock.advance(.seconds(10))
            #expect(try await rig.time() == Rig.start + 21_000)
            rig.clock.advance(.seconds(5))
            #expect(try await rig.time() == Rig.start + 30_000)
        }
    }

    @Test func `the operator's endpoint wants its token and knows its venues`() async throws {
        try await Rig.run { rig in
            let origin = rig.control.origin
            var request = rig.control.books("paper-test")
            request.headers = [WebHeader("Authorization", "Bearer wrong")]
            #expect(try await rig.client.send(request, to: origin, timeout: .seconds(60)).status == 401)
            request.headers = []
            #expect(try await rig.client.send(request, to: origin, timeout: .seconds(60)).status == 401)
            let unknown = try await rig.client.send(rig.control.books("paper-other"), to: origin, timeout: .seconds(60))
            #expect(unknown.status == 404)
            #expect(String(decoding: unknown.body, as: UTF8.self).contains("only paper-test"))
            var bad = rig.control.add(FaultOrder(.outage), to: "paper-test")
            bad.body = Array("{\"kind\":\"nonsense\"}".utf8)
            #expect(try await rig.client.send(bad, to: origin, timeout: .seconds(60)).status == 400)
            let shown = String(decoding: rig.server.ready.json(isPublic: true).bytes, as: UTF8.self)
            #expect(shown.contains("paper-demo-key"))
            #expect(!shown.contains("very-secret") && !shown.contains(rig.server.ready.token))
            let books = String(decoding: try await rig.books().bytes, as: UTF8.self)
            #expect(!books.contains("very-secret"))
        }
    }
}
