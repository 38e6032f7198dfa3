"""Black (1976) with 100 digits, written from the formula alone, without a word of the code under test."""

from mpmath import mp

DIGITS = 100


def value(spot, forward, strike, years, volatility, rate, is_call):
    """Present value, the forward moving in proportion to `spot` when it is differentiated; all in `mpf`."""
    del spot
    deviation = volatility * mp.sqrt(years)
    d1 = mp.log(forward / strike) / deviation + deviation / 2
    sign = 1 if is_call else -1
    gain = sign * (forward * mp.ncdf(sign * d1) - strike * mp.ncdf(sign * (d1 - deviation)))
    return mp.exp(-rate * years) * gain


def exact_value(forward, strike, years, volatility, rate, is_call):
    """Present value as an `mpf`."""
    with mp.workdps(DIGITS):
        numbers = [mp.mpf(float(number)) for number in (forward, strike, years, volatility, rate)]
        return value(None, *numbers, is_call)


def exact_greeks(spot, forward, strike, years, volatility, rate, is_call):
    """Delta, gamma, theta, vega by differences of the value: per point, per point, per day, per volatility point."""
    with mp.workdps(DIGITS):
        spot, forward, strike, years, volatility, rate = (
            mp.mpf(float(number)) for number in (spot, forward, strike, years, volatility, rate)
        )
        carry = forward / spot
        step = mp.mpf(10) ** -18

        def at(moved=0, later=0, wilder=0):
            return value(
                None,
                carry * (spot + moved),
                strike,
                years - later,
                volatility + wilder,
                rate,
                is_call,
            )

        up, here, down = at(spot * step), at(), at(-spot * step)
        delta = (up - down) / (2 * spot * step)
        gamma = (up - 2 * here + down) / (spot * step) ** 2
        lapse = years * step
        theta = (at(later=lapse) - at(later=-lapse)) / (2 * lapse) / 365
        vega = (at(wilder=volatility * step) - at(wilder=-volatility * step)) / (2 * volatility * step) / 100
        return tuple(float(number) for number in (delta, gamma, theta, vega))


def exact_vanna_and_charm(spot, forward, strike, years, volatility, rate, is_call):
    """Slopes of delta by differences of the value: per unit of volatility; per year that passes at a forward that stands still."""
    with mp.workdps(DIGITS):
        spot, forward, strike, years, volatility, rate = (
            mp.mpf(float(number)) for number in (spot, forward, strike, years, volatility, rate)
        )
        step = mp.mpf(10) ** -18
        aside, lapse, wilder = spot * step, years * step, volatility * step

        def delta(later=0, more=0):
            up, down = (
                value(None, forward / spot * at, strike, years - later, volatility + more, rate, is_call)
                for at in (spot + aside, spot - aside)
            )
            return (up - down) / (2 * aside)

        vanna = (delta(more=wilder) - delta(more=-wilder)) / (2 * wilder)
        charm = (delta(later=lapse) - delta(later=-lapse)) / (2 * lapse)
        return float(vanna), float(charm)
