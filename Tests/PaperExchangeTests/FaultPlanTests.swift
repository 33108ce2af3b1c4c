import Testing

@testable import PaperExchange

struct FaultPlanTests {
    @Test(arguments: [
        PaperFault.Kind.loseStreamMessages, .duplicateStreamMessages, .reorderStreamMessages, .disconnectStreams, .bookGap,
    ])
    func `requests do not use up what is meant for streams`(_ kind: PaperFault.Kind) {
        var plan = FaultPlan(seed: 1)
        let isTaken = plan.add(PaperFault(kind, count: 1))
        #expect(isTaken)
        for target in PaperFault.Target.allCases {
            let fate = plan.fate(of: target, at: 0)
            #expect(fate == RequestFate())
        }
        #expect(plan.faults.count == 1 && plan.struck.isEmpty)
        let isStreamFate = plan.streamFate(at: 0) != .sent
        let strikes = plan.strikes(at: 0) { $0 == kind }
        #expect(isStreamFate || strikes)
        #expect(plan.faults.isEmpty && plan.struck == [FaultPlan.name(kind): 1])
    }

    @Test func `orders are rejected, not what is read before them`() {
        var plan = FaultPlan(seed: 1)
        let isTaken = plan.add(PaperFault(.rejectOrders, count: 1))
        #expect(isTaken)
        let targets = [PaperFault.Target.publicData, .account, .canceling, .placing, .placing]
        let refusals = targets.map { plan.fate(of: $0, at: 0).refusal }
        #expect(refusals == [nil, nil, nil, .orderRejected, nil])
    }
}
