internal import ArgumentParser

/// A period that `--breakdown` cuts a backtest's trades by; freqtrade's names.
enum Breakdown: String, CaseIterable, ExpressibleByArgument {
    case day, week, month, year, weekday

    /// The name as the head of a column.
    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
