/// The progress line of a farm: share done, rate, time left. Pure: the caller passes counts and seconds.
struct Progress {
    /// Combinations in all.
    let total: UInt64
    /// Recent (seconds, done) points from which the rate is taken, so that it follows what happens now.
    private var points: [(seconds: Double, done: UInt64)] = []
    /// How many seconds back the rate looks.
    private let window = 10.0

    init(total: UInt64) { self.total = total }

    /// Notes that `done` were finished `seconds` after the start.
    mutating func note(done: UInt64, seconds: Double) {
        points.append((seconds, done))
        while points.count > 2, let first = points.first, seconds - first.seconds > window { points.removeFirst() }
    }

    /// Finished combinations a second over the last ten seconds; nil before anything is known.
    var rate: Double? {
        guard let first = points.first, let last = points.last, last.seconds > first.seconds else { return nil }
        return Double(last.done - first.done) / (last.seconds - first.seconds)
    }

    /// The line, for example `[=========>          ]  45 %  912/2000  310/s  ETA 0:04`.
    func line(width: Int = 30) -> String {
        let done = points.last?.done ?? 0
        let share = total == 0 ? 1 : Double(done) / Double(total)
        let filled = min(width, Int(share * Double(width)))
        var bar = String(repeating: "=", count: filled)
        if filled < width { bar += ">" + String(repeating: " ", count: width - filled - 1) }
        var text = "[\(bar)] \(Format.padded(Int(share * 100), 3)) %  \(done)/\(total)"
        if let rate, rate > 0 {
            text += "  \(Format.rate(rate))/s"
            text += done < total ? "  ETA \(Format.clock(Double(total - done) / rate))" : ""
        }
        return text
    }
}
