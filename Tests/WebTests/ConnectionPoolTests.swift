import NIOCore
import Testing

@testable import Web

@Suite struct ConnectionPoolTests {
    private func pool(_ limit: Int = 2) -> ConnectionPool { ConnectionPool(limit: limit, keepAlive: .seconds(30)) }
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

    @Test func `a connection is made for a request and used again for the next`() {
        var pool = pool()
        #expect(pool.ask(1, now: at(0)) == [.dial(1)])
        #expect(pool.isDialing)
        #expect(pool.dialed(1, now: at(1)) == [.write(1, over: 1)])
        #expect(pool.answered(1, isReusable: true, now: at(2)) == [])
        #expect(pool.nextExpiry == at(32))
        #expect(pool.ask(2, now: at(3)) == [.write(2, over: 1)])
        #expect(pool.nextExpiry == nil)
    }

    @Test func `beyond the limit requests wait in their order, for whichever connection is free first`() {
        var pool = pool()
        #expect(pool.ask(1, now: at(0)) == [.dial(1)])
        #expect(pool.ask(2, now: at(0)) == [.dial(2)])
        #expect(pool.ask(3, now: at(0)) == [])
        #expect(pool.ask(4, now: at(0)) == [])
        #expect(pool.dialed(2, now: at(1)) == [.write(1, over: 2)])
        #expect(pool.answered(2, isReusable: true, now: at(2)) == [.write(2, over: 2)])
        #expect(pool.dialed(1, now: at(3)) == [.write(3, over: 1)])
        #expect(pool.answered(1, isReusable: false, now: at(4)) == [.close(1), .dial(3)])
        #expect(pool.answered(2, isReusable: true, now: at(5)) == [.write(4, over: 2)])
        #expect(pool.dialed(3, now: at(6)) == [])
        #expect(pool.connectionCount == 2)
    }

    @Test func `the connection used last is used next, and those unused for long are closed and not used`() {
        var pool = pool(3)
        for id in UInt64(1)...3 { _ = pool.ask(id, now: at(0)) }
        for id in UInt64(1)...3 { #expect(pool.dialed(id, now: at(0)) == [.write(id, over: id)]) }
        _ = pool.answered(1, isReusable: true, now: at(1))
        _ = pool.answered(3, isReusable: true, now: at(2))
        _ = pool.answered(2, isReusable: true, now: at(20))
        #expect(pool.expire(at(30)) == [])
        #expect(pool.nextExpiry == at(31))
        #expect(pool.expire(at(31)) == [.close(1)])
        // The timer is late; the request does not meet the connection whose time is up.
        #expect(pool.ask(4, now: at(40)) == [.close(3), .write(4, over: 2)])
        #expect(pool.connectionCount == 1)
    }

    @Test func `an attempt that fails is told to the request that waits longest, unless others are under way for all`() {
        var pool = pool(3)
        #expect(pool.ask(1, now: at(0)) == [.dial(1)])
        #expect(pool.ask(2, now: at(0)) == [.dial(2)])
        #expect(pool.dialFailed(2) == [.refuse(1)])
        #expect(pool.ask(3, now: at(0)) == [.dial(3)])
        #expect(pool.dialed(3, now: at(1)) == [.write(2, over: 3)])
        #expect(pool.answered(3, isReusable: true, now: at(2)) == [.write(3, over: 3)])
        // Nobody waits for this one any more.
        #expect(pool.dialFailed(1) == [])
        #expect(pool.connectionCount == 1)
    }

    @Test func `requests beyond the limit get attempts of their own when others fail`() {
        var pool = pool(1)
        #expect(pool.ask(1, now: at(0)) == [.dial(1)])
        #expect(pool.ask(2, now: at(0)) == [])
        #expect(pool.dialFailed(1) == [.refuse(1), .dial(2)])
        #expect(pool.dialFailed(2) == [.refuse(2)])
        #expect(pool.connectionCount == 0)
    }

    @Test func `who gives up waiting leaves the connection made for it to others`() {
        var pool = pool(1)
        _ = pool.ask(1, now: at(0))
        #expect(pool.giveUp(1) == true)
        #expect(pool.giveUp(1) == false)
        #expect(pool.ask(2, now: at(1)) == [])
        #expect(pool.dialed(1, now: at(2)) == [.write(2, over: 1)])
        #expect(pool.giveUp(2) == false)
    }

    @Test func `a connection lost while idle or busy is not used again, and makes room`() {
        var pool = pool(1)
        _ = pool.ask(1, now: at(0))
        _ = pool.dialed(1, now: at(0))
        #expect(pool.ask(2, now: at(0)) == [])
        #expect(pool.lost(1) == [.dial(2)])
        #expect(pool.lost(1) == [])
        #expect(pool.answered(1, isReusable: true, now: at(0)) == [])
        _ = pool.dialed(2, now: at(0))
        _ = pool.answered(2, isReusable: true, now: at(0))
        #expect(pool.lost(2) == [])
        #expect(pool.nextExpiry == nil)
        #expect(pool.ask(3, now: at(1)) == [.dial(3)])
    }

    /// What the shell would know, checked against each directive.
    private struct Model {
        enum Connection { case dialing, idle(NIODeadline), busy(UInt64) }
        let limit: Int
        var connections: [UInt64: Connection] = [:]
        var waiting: [UInt64] = []
        var ended: Set<UInt64> = []
        var faults: [String] = []
        var writes = 0
        var refusals = 0

        mutating func apply(_ directives: [ConnectionPool.Directive]) {
            for directive in directives {
                switch directive {
                case .dial(let id):
                    if connections[id] != nil { faults.append("connection \(id) is dialed twice") }
                    connections[id] = .dialing
                case .close(let id):
                    if case .idle? = connections[id] { connections[id] = nil } else { faults.append("\(id) closed, not idle") }
                case .refuse(let request):
                    if waiting.first != request { faults.append("\(request) refused, not the first") }
                    waiting.removeAll { $0 == request }
                    if !ended.insert(request).inserted { faults.append("\(request) ends twice") }
                    refusals += 1
                case .write(let request, let id):
                    if waiting.first != request { faults.append("\(request) written out of order") }
                    if ended.contains(request) { faults.append("\(request) written twice") }
                    waiting.removeAll { $0 == request }
                    if case .idle? = connections[id] {} else { faults.append("\(request) written over \(id), not idle") }
                    connections[id] = .busy(request)
                    writes += 1
                }
            }
        }

        mutating func check(_ pool: ConnectionPool) {
            if connections.count > limit { faults.append("\(connections.count) connections") }
            if connections.count != pool.connectionCount { faults.append("the pool counts \(pool.connectionCount)") }
            if waiting != pool.waiting { faults.append("the pool's queue is \(pool.waiting), not \(waiting)") }
            let dialing = connections.values.filter { if case .dialing = $0 { true } else { false } }.count
            let idle = connections.values.filter { if case .idle = $0 { true } else { false } }.count
            if idle > 0, !waiting.isEmpty { faults.append("requests wait beside idle connections") }
            if waiting.count > dialing, connections.count < limit { faults.append("nothing is done for a waiting request") }
        }
    }

    @Test func `whatever happens, each request is written once at most, in order, over a free connection`() {
        let seed: UInt64 = 20_261_123
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var writes = 0
        var refusals = 0
        for _ in 0..<300 {
            var model = Model(limit: Int.random(in: 1...4, using: &random))
            var pool = ConnectionPool(limit: model.limit, keepAlive: .seconds(5))
            var now = NIODeadline.uptimeNanoseconds(0)
            for request in UInt64(1)...80 {
                now = now + .milliseconds(Int64.random(in: 0...2000, using: &random))
                step(&pool, &model, request, now, &random)
                model.check(pool)
                if !model.faults.isEmpty { break }
            }
            #expect(model.faults == [])
            writes += model.writes
            refusals += model.refusals
        }
        print("written: \(writes), refused: \(refusals)")
        #expect(writes > 3000 && refusals > 300)
    }

    private func step(
        _ pool: inout ConnectionPool, _ model: inout Model, _ request: UInt64, _ now: NIODeadline, _ random: inout SplitMix64
    ) {
        let (id, state) =
            model.connections.sorted { $0.key < $1.key }.randomElement(using: &random).map { ($0.key, $0.value) } ?? (0, nil)
        switch (Int.random(in: 0..<10, using: &random), state) {
        case (0...4, _):
            model.waiting.append(request)
            model.apply(pool.ask(request, now: now))
        case (5, _):
            guard let tired = model.waiting.randomElement(using: &random) else { return }
            if !pool.giveUp(tired) { model.faults.append("\(tired) does not wait") }
            model.waiting.removeAll { $0 == tired }
            model.ended.insert(tired)
        case (6, _): model.apply(pool.expire(now))
        case (_, .dialing?):
            if Bool.random(using: &random) {
                model.connections[id] = .idle(now)
                model.apply(pool.dialed(id, now: now))
            } else {
                model.connections[id] = nil
                model.apply(Bool.random(using: &random) ? pool.dialFailed(id) : pool.lost(id))
            }
        case (_, .busy(let answered)?):
            model.ended.insert(answered)
            let isReusable = Int.random(in: 0..<4, using: &random) > 0
            model.connections[id] = .idle(now)
            if isReusable {
                model.apply(pool.answered(id, isReusable: true, now: now))
            } else if Bool.random(using: &random) {
                model.apply(pool.answered(id, isReusable: false, now: now))
            } else {
                model.connections[id] = nil
                model.apply(pool.lost(id))
            }
        case (_, .idle?):
            model.connections[id] = nil
            model.apply(pool.lost(id))
        default: break
        }
    }
}
