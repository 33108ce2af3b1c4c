/// The name of an account's lock: made of the hash of its API key, so that two jobs, workers or homes with the same key meet, whatever they call
/// the account, and the key itself is not to be seen.
package struct AccountLockID: Hashable, Sendable, CustomStringConvertible {
    private let digest: LiveDigest

    /// `digest`: the SHA-256 of the key's UTF-8.
    package init(keyDigest digest: LiveDigest) { self.digest = digest }

    /// 32 hexadecimal digits: a file's name.
    package var description: String { String(digest.description.prefix(32)) }
}

/// Why an account is not ours alone.
package enum OwnershipRefusal: Hashable, Sendable, CustomStringConvertible {
    /// Another process, worker or job holds the lock.
    case lockedBy(String)
    /// The lock could not be taken or asked for.
    case lockUnknown
    /// Nobody has read the open orders yet.
    case ordersUnknown
    /// There are open orders with ids of other fleets.
    case otherFleets(orders: Int)
    /// The account is said to be exclusive, and there are open orders that are nobody's of ours.
    case notExclusive(orders: Int)

    package var description: String {
        switch self {
        case .lockedBy(let holder): "the account's key is in use by \(Shown.name(holder))"
        case .lockUnknown: "the lock of the account's key could not be taken"
        case .ordersUnknown: "the open orders of the account could not be read"
        case .otherFleets(let count): "\(count) open orders on the account are of another fleet"
        case .notExclusive(let count):
            "account.exclusive is true, and \(count) open orders on the account are not the fleet's: canceling all would cancel them"
        }
    }
}

/// Whether an account may be taken, by what its lock and its open orders show.
package enum AccountOwnership {
    package enum Lock: Hashable, Sendable {
        case ours
        case heldBy(String)
        case unknown
    }

    /// Whose an open order at the venue is, by its client order id.
    package enum OrderOwner: Hashable, Sendable {
        /// An id of ours, with the fleet's mark that it carries.
        case fleet(UInt64)
        /// Made by hand or by another program: shown, never touched.
        case stranger
    }

    /// - Parameters:
    ///   - openOrders: all of the account; nil: they could not be read.
    ///   - fleet: our own mark.
    package static func refusal(lock: Lock, openOrders: [OrderOwner]?, fleet: UInt64, isExclusive: Bool) -> OwnershipRefusal? {
        switch lock {
        case .ours: break
        case .heldBy(let holder): return .lockedBy(holder)
        case .unknown: return .lockUnknown
        }
        guard let openOrders else { return .ordersUnknown }
        let strangers = openOrders.count { $0 == .stranger }
        let others = openOrders.count { $0 != .fleet(fleet) } - strangers
        if others > 0 { return .otherFleets(orders: others) }
        return isExclusive && strangers > 0 ? .notExclusive(orders: strangers) : nil
    }
}
