//! The learning rate as a function of the step.

use std::f64::consts::PI;

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn::optim::LearningRate;

use crate::config::ScheduleConfig;

/// The key of the next step in a record.
const NEXT: &str = "next";

/// A schedule over a run of known length, and where in it the run is.
#[derive(Clone, Debug)]
pub struct Schedule {
    config: ScheduleConfig,
    peak: f64,
    steps: usize,
    steps_per_epoch: usize,
    next: usize,
}

impl Schedule {
    /// The schedule of a run of `epochs` epochs of `steps_per_epoch` steps, at its start.
    pub fn new(config: ScheduleConfig, peak: f64, epochs: usize, steps_per_epoch: usize) -> Self {
        Self { config, peak, steps: epochs * steps_per_epoch, steps_per_epoch, next: 0 }
    }

    /// The number of steps after which the record was written; `None` for a record of another
    /// kind of schedule.
    pub fn steps(record: &LrSchedulerRecord) -> Option<u64> {
        record.scalar(NEXT)
    }

    /// The learning rate of a step, counted from 0.
    fn at(&self, step: usize) -> f64 {
        let warm_up = (self.config.warm_up() * self.steps as f64).round() as usize;
        self.peak * if step < warm_up { self.rise(step, warm_up) } else { self.fall(step, warm_up) }
    }

    /// The share of the peak during the warm-up.
    fn rise(&self, step: usize, warm_up: usize) -> f64 {
        if let ScheduleConfig::OneCycle { start_share, .. } = self.config {
            return cosine(start_share, 1.0, step as f64 / warm_up as f64);
        }
        (step + 1) as f64 / (warm_up + 1) as f64
    }

    /// The share of the peak after the warm-up.
    fn fall(&self, step: usize, warm_up: usize) -> f64 {
        let since = (step - warm_up) as f64;
        let whole = self.steps.saturating_sub(warm_up + 1).max(1) as f64;
        let epochs = since / self.steps_per_epoch.max(1) as f64;
        match self.config {
            ScheduleConfig::Constant { .. } => 1.0,
            ScheduleConfig::Step { epochs: every, factor, .. } => {
                factor.powf((epochs / every as f64).floor())
            }
            ScheduleConfig::Exponential { factor, .. } => factor.powf(epochs),
            ScheduleConfig::Linear { final_share, .. } => {
                1.0 + (final_share - 1.0) * (since / whole).min(1.0)
            }
            ScheduleConfig::Cosine { final_share, .. }
            | ScheduleConfig::OneCycle { final_share, .. } => {
                cosine(1.0, final_share, (since / whole).min(1.0))
            }
        }
    }
}

/// Half a cosine from `from` (at 0) to `to` (at 1).
fn cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * progress).cos()) / 2.0
}

impl LrScheduler for Schedule {
    fn step(&mut self) -> LearningRate {
        let rate = self.at(self.next);
        self.next += 1;
        rate
    }

    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar(NEXT, self.next as u64)
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        if let Some(next) = Self::steps(&record) {
            self.next = next as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates of a run of 10 epochs of 10 steps, with a peak of 2.
    fn rates(text: &str) -> Vec<f64> {
        let config: ScheduleConfig = toml::from_str(text).unwrap();
        config.check().unwrap();
        let mut schedule = Schedule::new(config, 2.0, 10, 10);
        (0..100).map(|_| schedule.step()).collect()
    }

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-9
    }

    #[test]
    fn constant_stays_at_its_peak() {
        assert!(rates("type = 'constant'").iter().all(|&rate| close(rate, 2.0)));
    }

    #[test]
    fn step_falls_after_the_named_epochs() {
        let rates = rates("type = 'step'\nepochs = 3");
        assert!(close(rates[29], 2.0) && close(rates[30], 0.2) && close(rates[60], 0.02));
    }

    #[test]
    fn exponential_falls_by_its_factor_an_epoch() {
        let rates = rates("type = 'exponential'\nfactor = 0.5");
        assert!(close(rates[0], 2.0) && close(rates[10], 1.0) && close(rates[20], 0.5));
    }

    #[test]
    fn linear_and_cosine_end_at_their_final_share() {
        for kind in ["linear", "cosine"] {
            let rates = rates(&format!("type = '{kind}'\nfinal_share = 0.1"));
            assert!(close(rates[0], 2.0) && close(rates[99], 0.2), "{kind}");
            assert!(rates.is_sorted_by(|left, right| left >= right), "{kind}");
        }
    }

    #[test]
    fn one_cycle_matches_the_shares_it_names() {
        let rates =
            rates("type = 'one_cycle'\nwarm_up = 0.2\nstart_share = 0.5\nfinal_share = 0.01");
        assert!(close(rates[0], 1.0) && close(rates[20], 2.0) && close(rates[99], 0.02));
        assert!(rates[..21].is_sorted());
    }

    #[test]
    fn every_schedule_can_warm_up() {
        for kind in ["constant", "linear", "cosine"] {
            let rates = rates(&format!("type = '{kind}'\nwarm_up = 0.1"));
            assert!(rates[0] > 0.0 && rates[0] < 0.3 && close(rates[10], 2.0), "{kind}");
            assert!(rates[..11].is_sorted(), "{kind}");
        }
    }

    #[test]
    fn a_loaded_record_goes_on_where_it_was_taken() {
        let config = ScheduleConfig::Cosine { final_share: 0.0, warm_up: 0.0 };
        let mut schedule = Schedule::new(config, 1.0, 2, 5);
        for _ in 0..3 {
            schedule.step();
        }
        let mut resumed = Schedule::new(config, 1.0, 2, 5);
        resumed.load_record(schedule.to_record());
        assert!(close(resumed.step(), schedule.step()));
    }
}
