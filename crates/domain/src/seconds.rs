//! Durations as JSON numbers of seconds, as in the HTTP API.
//!
//! Whole seconds are written as an integer, others with up to three decimals, which is the
//! precision of a [`Timestamp`](crate::Timestamp).

use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let millis = whole_millis(*duration);
    if millis.subsec_nanos() == 0 {
        millis.as_secs().serialize(serializer)
    } else {
        millis.as_secs_f64().serialize(serializer)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let Seconds { is_negative, magnitude } = deserializer.deserialize_any(SecondsVisitor)?;
    if is_negative && !magnitude.is_zero() {
        return Err(D::Error::custom("must not be negative"));
    }
    Ok(magnitude)
}

/// The same for durations that may be negative.
pub(crate) mod signed {
    use jiff::SignedDuration;

    use super::{Deserializer, Error, Seconds, SecondsVisitor, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        duration: &SignedDuration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let millis = SignedDuration::new(duration.as_secs(), duration.subsec_millis() * 1_000_000);
        if millis.subsec_nanos() == 0 {
            millis.as_secs().serialize(serializer)
        } else {
            millis.as_secs_f64().serialize(serializer)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SignedDuration, D::Error> {
        let Seconds { is_negative, magnitude } = deserializer.deserialize_any(SecondsVisitor)?;
        let magnitude = SignedDuration::try_from(magnitude).map_err(D::Error::custom)?;
        Ok(if is_negative { -magnitude } else { magnitude })
    }
}

fn whole_millis(duration: Duration) -> Duration {
    Duration::new(duration.as_secs(), duration.subsec_millis() * 1_000_000)
}

struct Seconds {
    is_negative: bool,
    magnitude: Duration,
}

struct SecondsVisitor;

impl<'de> Visitor<'de> for SecondsVisitor {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
        Ok(Seconds { is_negative: false, magnitude: Duration::from_secs(seconds) })
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Seconds, E> {
        let magnitude = Duration::from_secs(seconds.unsigned_abs());
        Ok(Seconds { is_negative: seconds < 0, magnitude })
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Seconds, E> {
        let read = Duration::try_from_secs_f64(seconds.abs()).map_err(E::custom)?;
        // To the nearest millisecond: a fraction in binary is not exact.
        let magnitude = whole_millis(read.saturating_add(Duration::from_micros(500)));
        Ok(Seconds { is_negative: seconds < 0.0, magnitude })
    }

    /// Reads `{"secs": 1, "nanos": 0}` as well, the form of version 0.1.
    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Seconds, M::Error> {
        let magnitude = Duration::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Seconds { is_negative: false, magnitude })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Plain(#[serde(with = "super")] Duration);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Signed(#[serde(with = "super::signed")] SignedDuration);

    #[test]
    fn whole_seconds_are_written_as_an_integer() {
        for seconds in [0, 90, u64::MAX] {
            let written = to_value(Plain(Duration::from_secs(seconds))).unwrap();
            assert_eq!(written, json!(seconds));
            assert_eq!(from_value::<Plain>(written).unwrap().0.as_secs(), seconds);
        }
        let negative = Signed(SignedDuration::from_secs(-90));
        assert_eq!(to_value(&negative).unwrap(), json!(-90));
        assert_eq!(from_value::<Signed>(json!(-90)).unwrap(), negative);
    }

    #[test]
    fn milliseconds_survive() {
        for millis in [1, 999, 1_001, 3_600_123, 86_400_000_000_007] {
            let duration = Plain(Duration::from_millis(millis));
            let written = serde_json::to_string(&duration).unwrap();
            assert_eq!(serde_json::from_str::<Plain>(&written).unwrap(), duration, "{written}");
            let signed = Signed(-SignedDuration::try_from(duration.0).unwrap());
            let written = serde_json::to_string(&signed).unwrap();
            assert_eq!(serde_json::from_str::<Signed>(&written).unwrap(), signed, "{written}");
        }
        assert_eq!(to_value(Plain(Duration::from_millis(1_500))).unwrap(), json!(1.5));
    }

    #[test]
    fn the_former_spelling_is_read() {
        let read: Plain = from_value(json!({ "secs": 90, "nanos": 500_000_000 })).unwrap();
        assert_eq!(read.0, Duration::from_millis(90_500));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for value in [json!(-1), json!(-0.5), json!("90"), json!(null), json!(1e300)] {
            assert!(from_value::<Plain>(value.clone()).is_err(), "{value}");
        }
    }
}
