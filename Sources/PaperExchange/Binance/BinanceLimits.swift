/// The budgets of a venue: request weight per address and minute, orders per account in ten seconds and in a day.
///
/// Windows are of the venue's time and begin at whole multiples of their length.
struct BinanceLimits: Sendable {
    static let weightPerMinute = 6000
    static let ordersPerTenSeconds = 100
    static let ordersPerDay = 200_000
    /// Requests that an address may go on sending in the same minute after its budget is used up, before it is banned.
    static let patience = 50
    static let banMilliseconds: Int64 = 120_000
    private static let maximumPeers = 10_000

    /// A count that begins anew with each window.
    struct Window: Sendable {
        var number: Int64 = .min
        var count = 0

        mutating func add(_ amount: Int, at now: Int64, length: Int64) {
            roll(now, length)
            count = max(0, count + amount)
        }

        mutating func roll(_ now: Int64, _ length: Int64) {
            guard number != now / length else { return }
            number = now / length
            count = 0
        }
    }

    private struct Peer: Sendable {
        var weight = Window()
        var refused = 0
        var bannedUntil: Int64 = .min
    }

    struct Orders: Sendable {
        var short = Window()
        var day = Window()
    }

    private var peers: [String: Peer] = [:]
    private var orders: [Int: Orders] = [:]
    /// Counts a request, and refuses it where the address has used up its budget.
    mutating func take(_ weight: Int, from name: String, at now: Int64, clock: Int64) throws(BinanceFailure) {
        if peers.count >= Self.maximumPeers, peers[name] == nil {
            peers = peers.filter { $0.value.bannedUntil > now || $0.value.weight.number == now / 60_000 }
            if peers.count >= Self.maximumPeers { peers.removeAll() }
        }
        var peer = peers[name] ?? Peer()
        defer { peers[name] = peer }
        guard now >= peer.bannedUntil else {
            throw .banned(until: clock + peer.bannedUntil - now, retryAfter: seconds(peer.bannedUntil - now))
        }
        let before = peer.weight.number
        peer.weight.add(weight, at: now, length: 60_000)
        if peer.weight.number != before { peer.refused = 0 }
        guard peer.weight.count > Self.weightPerMinute else { return }
        peer.refused += 1
        guard peer.refused > Self.patience else {
            throw .tooMuch(limit: Self.weightPerMinute, retryAfter: seconds(60_000 - now % 60_000))
        }
        peer.bannedUntil = now + Self.banMilliseconds
        throw .banned(until: clock + Self.banMilliseconds, retryAfter: seconds(Self.banMilliseconds))
    }

    /// Counts orders of an account, and refuses them beyond its limits.
    mutating func take(orders count: Int, of account: Int, at now: Int64) throws(BinanceFailure) {
        let used = orders(of: account, at: now)
        guard used.short + count <= Self.ordersPerTenSeconds else {
            throw tooMany(Self.ordersPerTenSeconds, "10 SECOND", 10_000, now)
        }
        guard used.day + count <= Self.ordersPerDay else { throw tooMany(Self.ordersPerDay, "1 DAY", 86_400_000, now) }
        add(orders: count, of: account, at: now)
    }

    /// Counts orders, also below zero: filled ones do not count.
    mutating func add(orders count: Int, of account: Int, at now: Int64) {
        orders[account, default: Orders()].short.add(count, at: now, length: 10_000)
        orders[account, default: Orders()].day.add(count, at: now, length: 86_400_000)
    }

    private func tooMany(_ limit: Int, _ interval: String, _ length: Int64, _ now: Int64) -> BinanceFailure {
        BinanceFailure(
            -1015, "Too many new orders; current limit is \(limit) orders per \(interval).", status: 429,
            retryAfter: seconds(length - now % length))
    }

    func weight(of name: String, at now: Int64) -> Int {
        guard let window = peers[name]?.weight, window.number == now / 60_000 else { return 0 }
        return window.count
    }

    func orders(of account: Int, at now: Int64) -> (short: Int, day: Int) {
        guard var used = orders[account] else { return (0, 0) }
        used.short.roll(now, 10_000)
        used.day.roll(now, 86_400_000)
        return (used.short.count, used.day.count)
    }

    /// Seconds of the venue's time, at least 1: a client that keeps step waits just so long, one that does not waits longer than it must.
    private func seconds(_ milliseconds: Int64) -> Int { max(1, Int((milliseconds + 999) / 1000)) }
}
