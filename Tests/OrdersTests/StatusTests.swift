import Orders
import Testing

@Suite struct `The status of an order` {
    @Test func `never leaves an end for a working status, whatever comes in whatever order`() {
        for status in OrderStatus.allCases where status.isFinal {
            for event in OrderEvent.allCases {
                guard case .success(let next) = status.transition(on: event) else { continue }
                #expect(next.isFinal, "\(status) on \(event)")
            }
        }
    }
}
