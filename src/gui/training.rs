//! Training from the window: starting a run, watching its folder, and opening its model.

use super::app::App;
use super::command::Command;
use super::notices::Weight;
use super::state::Tab;
use crate::job::train::{MODEL, Plan, TrainRequest, Watch, chosen_split};
use crate::job::{End, Outcome, RunningJob, open};
use std::path::PathBuf;
use std::sync::Arc;

/// What can be asked for about training.
#[derive(Clone, Debug, PartialEq)]
pub enum Train {
    /// Train, or go on in the plan's folder.
    Start(Box<Plan>),
    /// Show the run in this folder, whoever trains there.
    Watch(PathBuf),
    /// Show no run any more; one that goes on here does so.
    Close,
    /// Open the best model of the run that is shown.
    UseModel,
}

impl App {
    pub(super) fn carry_out_training(&mut self, asked: Train) {
        match asked {
            Train::Start(plan) => self.start_training(*plan),
            Train::Watch(folder) => {
                self.view.training_run = Some(folder);
                self.view.tab = Tab::Training;
            }
            Train::Close => self.view.training_run = None,
            Train::UseModel => {
                if let Some(folder) = &self.view.training_run {
                    let model = folder.join(MODEL);
                    self.commands.push(Command::Open(model));
                }
            }
        }
    }

    /// The run that a plan is on what is open; `None` without labels.
    pub(super) fn train_request(&self, plan: Plan) -> Option<TrainRequest> {
        let workspace = &self.workspace;
        let embedded = workspace.embedded_split();
        Some(TrainRequest {
            split: TrainRequest::split_of(&plan, &workspace.genome, embedded),
            start: plan.from_open_model.then(|| Arc::clone(&workspace.model)),
            genome: Arc::clone(&workspace.genome),
            labels: workspace.anchors.clone()?,
            plan,
        })
    }

    fn start_training(&mut self, plan: Plan) {
        self.training_pane.failure = None;
        if self.training_pane.job.is_some() {
            let text = "A run is being trained already: stop it first.";
            self.training_pane.failure = Some(text.to_owned());
            return;
        }
        let folder = plan.folder.clone();
        let Some(request) = self.train_request(plan) else {
            let text = "No file of start sites is open: the model learns from labels.";
            self.training_pane.failure = Some(text.to_owned());
            return;
        };
        let background = self.jobs.background();
        let label = format!("Training in {}", open::file_name(&folder));
        self.training_pane.job = self.start_job(label, move |progress, cancel| {
            let work = || request.run(&mut |_| {}, progress, cancel);
            let trained = background.map_or_else(work, |threads| threads.install(work))?;
            Ok(Outcome::Trained(Box::new(trained)))
        });
        self.training_pane.first_done = None;
        self.training_pane.job_folder.clone_from(&folder);
        self.view.training_run = Some(folder);
    }

    /// A job has ended: says in the pane what went wrong, if it was the training.
    pub(super) fn see_training_end(&mut self, job: &RunningJob, end: &End) {
        if self.training_pane.job != Some(job.id) {
            return;
        }
        self.training_pane.job = None;
        if let End::Failed(text) = end {
            self.training_pane.failure = Some(text.clone());
        }
    }

    /// Looks into the folder of the run that is shown.
    pub(super) fn watch_training(&mut self, ctx: &egui::Context) {
        let pane = &mut self.training_pane;
        if pane.first_done.is_none() {
            // Steps of a run that goes on are counted before its first new one.
            let own = self
                .jobs
                .running()
                .iter()
                .find(|job| Some(job.id) == pane.job);
            let done = own.map_or(0, |job| job.progress.done());
            pane.first_done = (done > 0).then(|| (done, std::time::Instant::now()));
        }
        let watched = pane.watch.as_ref().map(Watch::folder);
        if watched != self.view.training_run.as_deref() {
            (pane.watch, pane.run, pane.unreadable) = (None, None, None);
            if let Some(folder) = self.view.training_run.clone() {
                let ctx = ctx.clone();
                let wake = Arc::new(move || ctx.request_repaint());
                match Watch::start(folder, wake) {
                    Ok(watch) => pane.watch = Some(watch),
                    Err(error) => {
                        let text = format!("The system gives no thread for this work: {error}");
                        self.notices.add(Weight::Failure, text);
                        self.view.training_run = None;
                    }
                }
            }
        }
        let pane = &mut self.training_pane;
        match pane.watch.as_ref().and_then(Watch::latest) {
            None => {}
            Some(Err(error)) => pane.unreadable = Some(crate::job::job::chain(&error)),
            Some(Ok(run)) => {
                // What is shown first of a run fills the form, so that it can go on.
                if pane.run.is_none()
                    && pane.job.is_none()
                    && let Some(settings) = &run.settings
                {
                    let form = pane.form();
                    form.settings = settings.clone();
                    form.folder.clone_from(&run.folder);
                    form.name.clone_from(&run.name);
                    if let Some(split) = &run.split {
                        let embedded = self.workspace.embedded_split();
                        let usual = chosen_split(&self.workspace.genome, None, embedded);
                        let first = split.training.first().map(|interval| interval.start);
                        form.split_start = first.filter(|_| *split != usual);
                    }
                }
                (pane.run, pane.unreadable) = (Some(run), None);
            }
        }
    }

    /// Stops a run and waits until it has saved where it is; a few seconds at most.
    pub(super) fn finish_training(&mut self) {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(8);
        let began = std::time::Instant::now();
        while let Some(id) = self.training_pane.job {
            let running = self.jobs.running().iter();
            running
                .filter(|job| job.id == id)
                .for_each(|job| job.cancel.cancel());
            for (job, end) in self.jobs.drain() {
                self.see_training_end(&job, &end);
            }
            if began.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
