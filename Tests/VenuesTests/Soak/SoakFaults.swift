import PaperExchange
import PaperServer
import SyntheticMarket

/// Faults by chance: of every kind, in every strength that the client has to bear.
enum SoakFaults {
    /// As many as `random` knows of.
    static let kinds = 17

    static func random(_ random: inout SplitMix64) -> FaultOrder {
        let (kind, targets) = kind(&random)
        var order = FaultOrder(kind, target: targets.randomElement(using: &random) ?? .any)
        order.probability = Double.random(in: 0.2...1, using: &random)
        switch kind {
        // A state of the venue is never used up.
        case .clockSkew, .partialFills: order.duration = .milliseconds(Int64.random(in: 50...1000, using: &random))
        // Each costs the client a whole time-out, or more waiting from one to the next.
        case .timeoutAfterAccepting, .rateLimited, .banned, .disconnectStreams: order.count = 1
        // Long enough to strike account messages among those of the market, which are many more.
        case .loseStreamMessages, .duplicateStreamMessages, .reorderStreamMessages:
            order.duration = .milliseconds(Int64.random(in: 50...600, using: &random))
        case .latency:
            order.count = Int.random(in: 1...12, using: &random)
        default: order.count = Int.random(in: 1...3, using: &random)
        }
        return order
    }

    private static func kind(_ random: inout SplitMix64) -> (PaperFault.Kind, [PaperFault.Target]) {
        let all = PaperFault.Target.allCases
        switch Int.random(in: 0..<kinds, using: &random) {
        case 0: return (.latency(milliseconds: Int64.random(in: 1...400, using: &random)), all)
        case 1: return (.timeoutAfterAccepting, all + [.placing, .placing, .canceling])
        case 2: return (.backendTimeout, all + [.placing, .placing, .canceling])
        case 3: return (.cutBefore, all)
        case 4: return (.cutAfter, all + [.placing, .canceling])
        case 5: return (.rateLimited(retryAfter: Int.random(in: 1...3, using: &random)), all)
        case 6: return (.banned(retryAfter: Int.random(in: 1...3, using: &random)), all)
        case 7: return (.outage, all)
        case 8: return (.rejectOrders, [.any, .placing])
        case 9: return (.garbage, all + [.placing, .canceling])
        case 10: return (.clockSkew(milliseconds: Int64.random(in: -150_000...150_000, using: &random)), [.any])
        case 11: return (.partialFills(Double.random(in: 0...0.9, using: &random)), [.any])
        case 12: return (.loseStreamMessages, [.any])
        case 13: return (.duplicateStreamMessages, [.any])
        case 14: return (.reorderStreamMessages, [.any])
        case 15: return (.disconnectStreams, [.any])
        default: return (.bookGap, [.any])
        }
    }
}
