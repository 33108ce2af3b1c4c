/// Returns of one source of risk, candle by candle: regimes that come and go, clusters of volatility within them, jumps.
///
/// Variance follows GARCH(1,1), h' = w + a r^2 + b h (Bollerslev, 1986), whose level w depends on a Markov chain of three
/// regimes. Jumps come at random, the larger the rarer.
struct ReturnProcess {
    /// States of the market.
    private enum Regime {
        case calm, normal, wild

        /// Variance as a multiple of the long-run one.
        var variance: Double {
            switch self {
            case .calm: 0.4
            case .normal: 1
            case .wild: 4
            }
        }

        /// Mean stay in minutes: three days, four days, twelve hours.
        var minutes: Double {
            switch self {
            case .calm: 4320
            case .normal: 5760
            case .wild: 720
            }
        }

        /// Drift per year as a ratio.
        var drift: Double {
            switch self {
            case .calm: 0.6
            case .normal: 0.1
            case .wild: -1.5
            }
        }

        /// The regime that follows, by a uniform random number.
        func next(_ u: Double) -> Regime {
            switch self {
            case .calm: u < 0.8 ? .normal : .wild
            case .normal: u < 0.6 ? .calm : .wild
            case .wild: u < 0.7 ? .normal : .calm
            }
        }
    }

    /// What happens in one candle.
    struct Step {
        /// The change of price as a ratio.
        var change: Double
        /// The variance that was expected, jumps aside.
        var variance: Double
        /// Whether the price jumped.
        var isJump: Bool
    }

    static let minutesPerYear = 525_600.0

    private var random: SplitMix64
    private var regime = Regime.normal
    /// GARCH's variance as a multiple of the long-run one.
    private var level = 1.0
    private let variance: Double
    private let stayChance: Double
    private let jumpChance: Double
    private let jumpSize: Double
    private let driftPerCandle: Double

    /// A process of `volatility` per year (a ratio) in candles of `minutes`; it jumps `jumpsPerDay` times, by `jumpSize` on
    /// average. `hasDrift`: prices rise in calm and fall in wild times.
    init(
        seed: UInt64, minutes: Double, volatility: Double, jumpsPerDay: Double, jumpSize: Double, hasDrift: Bool
    ) {
        random = SplitMix64(seed: seed)
        variance = volatility * volatility * minutes / Self.minutesPerYear
        stayChance = minutes
        jumpChance = jumpsPerDay * minutes / 1440
        self.jumpSize = jumpSize
        driftPerCandle = hasDrift ? minutes / Self.minutesPerYear : 0
    }

    /// The next candle's change; `season` multiplies the variance by the hour of the day.
    mutating func next(season: Double) -> Step {
        if random.uniform() < stayChance / regime.minutes { regime = regime.next(random.uniform()) }
        let shock = random.normal()
        let expected = level * variance
        level = Self.garch(level, shock: shock, regime: regime.variance)
        var change = (expected * season).squareRoot() * shock + regime.drift * driftPerCandle
        let jumps = random.uniform() < jumpChance
        if jumps {
            let size = jumpSize * random.exponential()
            change += random.next() & 1 == 0 ? size : -size
        }
        return Step(change: change, variance: expected * season, isJump: jumps)
    }

    /// One step of GARCH, in multiples of the long-run variance, with a ceiling that keeps prices finite.
    private static func garch(_ level: Double, shock: Double, regime: Double) -> Double {
        let (a, b) = (0.08, 0.91)
        return min((1 - a - b) * regime + a * level * shock * shock + b * level, 60)
    }
}
