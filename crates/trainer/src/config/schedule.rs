//! `[schedule]`: how the learning rate changes over a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// How the learning rate changes; the optimizer's `learning_rate` is its peak.
///
/// Every schedule can start with a warm-up: over that share of the run the rate rises, linearly
/// from nearly 0, and the schedule proper fills the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScheduleConfig {
    /// Always the peak.
    Constant {
        /// Share of the run, from 0 to below 1.
        #[serde(default)]
        warm_up: f64,
    },
    /// Times `factor` after every `epochs` epochs.
    Step {
        /// At least 1.
        epochs: usize,
        /// From 0 to 1.
        #[serde(default = "step_factor")]
        factor: f64,
        /// Share of the run, from 0 to below 1.
        #[serde(default)]
        warm_up: f64,
    },
    /// Times `factor` over every epoch, a little at each step.
    Exponential {
        /// From 0 to 1.
        factor: f64,
        /// Share of the run, from 0 to below 1.
        #[serde(default)]
        warm_up: f64,
    },
    /// Half a cosine from the peak down to `final_share` of it (Loshchilov and Hutter 2016).
    Cosine {
        /// Share of the peak, from 0 to 1.
        #[serde(default)]
        final_share: f64,
        /// Share of the run, from 0 to below 1.
        #[serde(default)]
        warm_up: f64,
    },
    /// A straight line from the peak down to `final_share` of it.
    Linear {
        /// Share of the peak, from 0 to 1.
        #[serde(default)]
        final_share: f64,
        /// Share of the run, from 0 to below 1.
        #[serde(default)]
        warm_up: f64,
    },
    /// Half a cosine from `start_share` of the peak up to it, then half a cosine down to
    /// `final_share` (Smith and Topin 2017, with the cosines of `PyTorch`'s `OneCycleLR`).
    OneCycle {
        /// Share of the run, from 0 to below 1.
        #[serde(default = "one_cycle_warm_up")]
        warm_up: f64,
        /// Share of the peak, from 0 to 1.
        #[serde(default = "one_cycle_start")]
        start_share: f64,
        /// Share of the peak, from 0 to 1.
        #[serde(default = "one_cycle_final")]
        final_share: f64,
    },
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self::Constant { warm_up: 0.0 }
    }
}

impl ScheduleConfig {
    /// Share of the run over which the learning rate rises, from 0 to below 1.
    #[must_use]
    pub fn warm_up(self) -> f64 {
        match self {
            Self::Constant { warm_up }
            | Self::Step { warm_up, .. }
            | Self::Exponential { warm_up, .. }
            | Self::Cosine { warm_up, .. }
            | Self::Linear { warm_up, .. }
            | Self::OneCycle { warm_up, .. } => warm_up,
        }
    }

    /// Refuses numbers outside their ranges.
    ///
    /// # Errors
    /// The first such value.
    pub fn check(self) -> Result<(), Invalid> {
        let share = |key: &str, value: f64| {
            if (0.0..=1.0).contains(&value) {
                return Ok(());
            }
            Err(Invalid::new(&format!("schedule.{key}"), format!("{value} is outside 0 to 1")))
        };
        if !(0.0..1.0).contains(&self.warm_up()) {
            let problem =
                format!("{} is not a share of the run, from 0 to below 1", self.warm_up());
            return Err(Invalid::new("schedule.warm_up", problem));
        }
        match self {
            Self::Constant { .. } => Ok(()),
            Self::Step { epochs: 0, .. } => {
                Err(Invalid::new("schedule.epochs", "must be at least 1"))
            }
            Self::Step { factor, .. } | Self::Exponential { factor, .. } => share("factor", factor),
            Self::Cosine { final_share, .. } | Self::Linear { final_share, .. } => {
                share("final_share", final_share)
            }
            Self::OneCycle { start_share, final_share, .. } => {
                share("start_share", start_share)?;
                share("final_share", final_share)
            }
        }
    }
}

fn step_factor() -> f64 {
    0.1
}

fn one_cycle_warm_up() -> f64 {
    0.3
}

fn one_cycle_start() -> f64 {
    1.0 / 25.0
}

fn one_cycle_final() -> f64 {
    1e-4 / 25.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_their_ranges_are_refused_by_key() {
        for (text, key) in [
            ("type = 'constant'\nwarm_up = 1.0", "schedule.warm_up"),
            ("type = 'step'\nepochs = 0", "schedule.epochs"),
            ("type = 'cosine'\nfinal_share = -1.0", "schedule.final_share"),
            ("type = 'exponential'\nfactor = 1.5", "schedule.factor"),
        ] {
            let config: ScheduleConfig = toml::from_str(text).unwrap();
            assert_eq!(config.check().unwrap_err().key, key);
        }
    }
}
