package import Exchange

/// Who sends orders: what all client order ids of one holder of one job begin with.
package struct OrderIdentity: Hashable, Sendable {
    /// The first 32 bits of a digest of fleet and account.
    package var owner: UInt32
    /// The job's number within its fleet, below 2^24.
    package var job: UInt32
    /// The holder's fencing token: rises with each holder of the job. Ids of older holders are ours, too.
    package var token: UInt32

    package init(owner: UInt32, job: UInt32, token: UInt32) {
        self.owner = owner
        self.job = job
        self.token = token
    }
}

/// What a client order id of ours says: 32 lowercase hexadecimal digits, which Binance, Kraken, OKX and Bybit take alike and which can be
/// read without the journal.
///
/// Digits: fleet and account (8), job (6), fencing token (8), sequence (8), check digits (2).
package struct ClientOrderCode: Hashable, Sendable {
    package var identity: OrderIdentity
    /// The order's ticket.
    package var sequence: UInt32

    /// Why no id can be made.
    package enum Overflow: Error, Hashable, Sendable, CustomStringConvertible {
        case job(UInt32)
        case ticket(UInt64)
        package var description: String {
            switch self {
            case .job(let number): "the job number \(number) does not fit into a client order id (at most 16777215)"
            case .ticket(let number): "the order number \(number) does not fit into a client order id (1 to 4294967295)"
            }
        }
    }

    package init(_ identity: OrderIdentity, _ ticket: OrderTicket) throws(Overflow) {
        guard identity.job < 1 << 24 else { throw .job(identity.job) }
        guard let sequence = UInt32(exactly: ticket.number), sequence > 0 else { throw .ticket(ticket.number) }
        self.identity = identity
        self.sequence = sequence
    }

    package var ticket: OrderTicket { OrderTicket(UInt64(sequence)) }

    package var id: ClientOrderID {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        func append(_ value: UInt32, _ count: Int) {
            for place in (0..<count).reversed() { digits.append(UInt8(truncatingIfNeeded: value >> UInt32(4 * place) & 0xF)) }
        }
        append(identity.owner, 8)
        append(identity.job, 6)
        append(identity.token, 8)
        append(sequence, 8)
        append(UInt32(CyclicCheck.crc8(digits: digits)), 2)
        return ClientOrderID(String(decoding: digits.map { $0 < 10 ? 0x30 + $0 : 0x57 + $0 }, as: UTF8.self))
    }

    /// Nil where the id is none of this scheme.
    package init?(_ id: ClientOrderID) {
        let text = id.text.utf8
        guard text.count == 32 else { return nil }
        var digits: [UInt8] = []
        for byte in text {
            switch byte {
            case 0x30...0x39: digits.append(byte - 0x30)
            case 0x61...0x66: digits.append(byte - 0x57)
            default: return nil
            }
        }
        func number(_ range: Range<Int>) -> UInt32 { digits[range].reduce(0) { $0 << 4 | UInt32($1) } }
        guard UInt32(CyclicCheck.crc8(digits: digits.prefix(30))) == number(30..<32), number(22..<30) > 0 else { return nil }
        identity = OrderIdentity(owner: number(0..<8), job: number(8..<14), token: number(14..<22))
        sequence = number(22..<30)
    }
}

/// Whose an order is, by its client order id.
package enum OrderOwner: Hashable, Sendable {
    /// This job's, from this holder or an earlier one.
    case thisJob(ClientOrderCode)
    /// This job's, from a holder that came after us: we have been replaced.
    case newerHolder(ClientOrderCode)
    /// Of our fleet and account, from another job.
    case otherJob(ClientOrderCode)
    /// Made by this scheme for another fleet or account: a second owner.
    case otherFleet(ClientOrderCode)
    /// No id of this scheme: another program's, or an order placed by hand.
    case stranger
}

extension OrderIdentity {
    package func owner(of id: ClientOrderID?) -> OrderOwner {
        guard let id, let code = ClientOrderCode(id) else { return .stranger }
        guard code.identity.owner == owner else { return .otherFleet(code) }
        guard code.identity.job == job else { return .otherJob(code) }
        return code.identity.token > token ? .newerHolder(code) : .thisJob(code)
    }
}
