/// The order gate of one account as one value: two deadlines on the boot clock, read at the write of every order.
///
/// Nothing has to happen for it to close: past a deadline it is closed, whatever else the process does or fails to do.
package struct OrderGate: Hashable, Sendable, BitwiseCopyable {
    /// Every order may go before this instant; `.never`: none may. This is the one atomic deadline of the design.
    package var activeUntil: BootInstant
    /// Orders that reduce may go before this instant; `.never`: none may.
    package var reducingUntil: BootInstant

    package init(activeUntil: BootInstant, reducingUntil: BootInstant) {
        self.activeUntil = activeUntil
        self.reducingUntil = reducingUntil
    }

    /// Nothing but cancels.
    package static let halted = OrderGate(activeUntil: .never, reducingUntil: .never)

    /// What the gate lets through at an instant; cancels always pass.
    package func mode(at now: BootInstant) -> MemberRestriction.Mode {
        if now < activeUntil { return .active }
        return now < reducingUntil ? .reducing : .halted
    }
}
