/// How long some trades were held, in whole minutes; all 0 for none.
package struct HoldingTimes: Hashable, Sendable {
    package let minimum: Int
    package let maximum: Int
    /// The mean, rounded to even.
    package let average: Int

    init(_ minutes: [Int64]) {
        minimum = Int(minutes.min() ?? 0)
        maximum = Int(minutes.max() ?? 0)
        average = minutes.isEmpty ? 0 : Int(minutes.map(Double.init).mean.rounded(.toNearestOrEven))
    }
}
