//! Service targets and business hours as JSON, in the shape of the settings of Engage.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    BusinessHours, BusinessHoursError, Calendar, ServiceTarget, SlaPolicy, SlaPolicyError,
    WorkingHours,
};
use crate::classification::{CustomerType, Urgency};

/// Targets and calendars that are missing have their defaults.
#[derive(Serialize, Deserialize)]
struct SlaPolicyJson {
    #[serde(default)]
    targets: BTreeMap<CustomerType, BTreeMap<Urgency, ServiceTarget>>,
    #[serde(default)]
    calendars: BTreeMap<CustomerType, Calendar>,
}

impl Serialize for SlaPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SlaPolicyJson::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SlaPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SlaPolicyJson::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl From<SlaPolicy> for SlaPolicyJson {
    fn from(policy: SlaPolicy) -> Self {
        let targets_of = |&customer_type: &CustomerType| {
            let target = |&urgency: &Urgency| (urgency, policy.target(customer_type, urgency));
            (customer_type, Urgency::ALL.iter().map(target).collect())
        };
        let calendar_of =
            |&customer_type: &CustomerType| (customer_type, policy.calendar(customer_type).clone());
        Self {
            targets: CustomerType::ALL.iter().map(targets_of).collect(),
            calendars: CustomerType::ALL.iter().map(calendar_of).collect(),
        }
    }
}

impl TryFrom<SlaPolicyJson> for SlaPolicy {
    type Error = SlaPolicyError;

    fn try_from(SlaPolicyJson { targets, calendars }: SlaPolicyJson) -> Result<Self, Self::Error> {
        let mut policy = Self::default();
        for (customer_type, by_urgency) in targets {
            for (urgency, target) in by_urgency {
                policy = policy.with_target(customer_type, urgency, target)?;
            }
        }
        for (customer_type, calendar) in calendars {
            policy = policy.with_calendar(customer_type, calendar);
        }
        Ok(policy)
    }
}

/// Days without hours may be left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BusinessHoursJson {
    #[serde(with = "jiff::fmt::serde::tz::required")]
    time_zone: TimeZone,
    #[serde(default)]
    monday: Vec<WorkingHours>,
    #[serde(default)]
    tuesday: Vec<WorkingHours>,
    #[serde(default)]
    wednesday: Vec<WorkingHours>,
    #[serde(default)]
    thursday: Vec<WorkingHours>,
    #[serde(default)]
    friday: Vec<WorkingHours>,
    #[serde(default)]
    saturday: Vec<WorkingHours>,
    #[serde(default)]
    sunday: Vec<WorkingHours>,
    #[serde(default)]
    holidays: Vec<Date>,
}

impl Serialize for BusinessHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BusinessHoursJson::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BusinessHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BusinessHoursJson::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl From<BusinessHours> for BusinessHoursJson {
    fn from(hours: BusinessHours) -> Self {
        let of = |day: Weekday| {
            hours.hours().filter(|(weekday, _)| *weekday == day).map(|(_, hours)| hours).collect()
        };
        Self {
            time_zone: hours.time_zone().clone(),
            monday: of(Weekday::Monday),
            tuesday: of(Weekday::Tuesday),
            wednesday: of(Weekday::Wednesday),
            thursday: of(Weekday::Thursday),
            friday: of(Weekday::Friday),
            saturday: of(Weekday::Saturday),
            sunday: of(Weekday::Sunday),
            holidays: hours.holidays().collect(),
        }
    }
}

impl TryFrom<BusinessHoursJson> for BusinessHours {
    type Error = BusinessHoursError;

    fn try_from(json: BusinessHoursJson) -> Result<Self, BusinessHoursError> {
        let days = [
            (Weekday::Monday, json.monday),
            (Weekday::Tuesday, json.tuesday),
            (Weekday::Wednesday, json.wednesday),
            (Weekday::Thursday, json.thursday),
            (Weekday::Friday, json.friday),
            (Weekday::Saturday, json.saturday),
            (Weekday::Sunday, json.sunday),
        ];
        let hours = days
            .into_iter()
            .flat_map(|(day, hours)| hours.into_iter().map(move |hours| (day, hours)));
        Self::new(json.time_zone, hours, json.holidays)
    }
}
