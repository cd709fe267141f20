//! Open Job Description: a job bundle of Frame × Shard, then a merge of each frame.
//!
//! Source: Open Job Description specification 2023-09; AWS Deadline Cloud, "Job bundles".

use super::Job;
use super::script::{quote_all, quote_in_double};
use serde_json::{Map, Value, json};

/// What begins an expression in a template: no word that is put into one may hold it.
pub const EXPRESSION: &str = "{{";

/// Time a task has to save a checkpoint when it is cancelled, seconds.
const NOTICE_S: u32 = 90;

/// A job bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Frames and shards; the scene and the output are places on the submitting machine, absolute.
    pub job: Job,
    /// Is the scene an address within an object store, which no worker has elsewhere?
    pub scene_is_remote: bool,
    /// A panorama among the render flags, absolute, mapped like the scene.
    pub environment: Option<String>,
    /// Files the job reads, absolute, to be sent where there is no shared file system.
    pub inputs: Vec<String>,
    /// The folder of the output, absolute.
    pub output_folder: String,
}

impl Bundle {
    /// The files of the bundle, by name.
    #[must_use]
    pub fn files(&self) -> [(&'static str, String); 4] {
        [
            ("template.json", pretty(&self.template())),
            ("parameter_values.json", pretty(&self.parameter_values())),
            ("asset_references.json", pretty(&self.asset_references())),
            (
                "openjd_parameters.json",
                pretty(&Value::Object(self.values())),
            ),
        ]
    }

    fn template(&self) -> Value {
        json!({
            "specificationVersion": "jobtemplate-2023-09",
            "name": "{{Param.JobName}}",
            "description": "Renders each frame in shards and merges them. Written by `skywell submit openjd`.",
            "parameterDefinitions": self.parameter_definitions(),
            "steps": [self.render_step(), self.merge_step()],
        })
    }

    fn parameter_definitions(&self) -> Value {
        let job = &self.job;
        let mut definitions = vec![
            json!({"name": "JobName", "type": "STRING", "default": job.name}),
            json!({"name": "Skywell", "type": "STRING", "default": job.skywell,
                   "description": "The program, as the workers find it."}),
            match self.scene_is_remote {
                true => json!({"name": "Scene", "type": "STRING"}),
                false => json!({"name": "Scene", "type": "PATH", "objectType": "FILE",
                                "dataFlow": "IN"}),
            },
            json!({"name": "OutputFolder", "type": "PATH", "objectType": "DIRECTORY",
                   "dataFlow": "OUT"}),
            json!({"name": "Frames", "type": "STRING", "default": self.frames(),
                   "description": "Like 1-100 or 1-100:2."}),
            json!({"name": "Shards", "type": "INT", "minValue": 1, "default": job.shards,
                   "description": "Shards a frame."}),
            json!({"name": "LastShard", "type": "INT", "minValue": 0, "default": job.shards - 1,
                   "description": "One less than Shards."}),
        ];
        if self.environment.is_some() {
            definitions.push(
                json!({"name": "Environment", "type": "PATH", "objectType": "FILE",
                                    "dataFlow": "IN"}),
            );
        }
        Value::Array(definitions)
    }

    /// As Open Job Description writes a range.
    fn frames(&self) -> String {
        let frames = self.job.frames;
        match frames.step {
            1 => format!("{}-{}", frames.first, frames.last),
            step => format!("{}-{}:{step}", frames.first, frames.last),
        }
    }

    fn render_step(&self) -> Value {
        let job = &self.job;
        let output = &job.output;
        let pattern = output.with(&"#".repeat(output.digits));
        let mut words: Vec<Value> = vec![
            "render".into(),
            "{{Param.Scene}}".into(),
            "--frames".into(),
            "{{Task.Param.Frame}}".into(),
        ];
        if let Some(fps) = job.fps {
            words.extend(["--fps".into(), fps.to_string().into()]);
        }
        words.extend(["--shard", "{{Task.Param.Shard}}/{{Param.Shards}}", "-o"].map(Value::from));
        words.push(format!("{{{{Param.OutputFolder}}}}/{}", pattern).into());
        words.extend(["--progress", "openjd"].map(Value::from));
        if self.environment.is_some() {
            words.extend(["--environment", "{{Param.Environment}}"].map(Value::from));
        }
        if let Some(cpus) = job.cpus {
            words.extend(["--threads".into(), cpus.to_string().into()]);
        }
        words.extend(job.render_flags.iter().map(|flag| flag.clone().into()));
        json!({
            "name": "Render",
            "hostRequirements": {"amounts": self.amounts()},
            "parameterSpace": {
                "taskParameterDefinitions": [
                    {"name": "Frame", "type": "INT", "range": "{{Param.Frames}}"},
                    {"name": "Shard", "type": "INT", "range": "0-{{Param.LastShard}}"},
                ],
                "combination": "Frame * Shard",
            },
            "script": {"actions": {"onRun": {
                "command": "{{Param.Skywell}}",
                "args": words,
                "cancelation": cancelation(),
            }}},
        })
    }

    fn amounts(&self) -> Value {
        let cpus = self.job.cpus.unwrap_or(1);
        let mut amounts = vec![json!({"name": "amount.worker.vcpu", "min": cpus})];
        if let Some(gpus) = &self.job.gpus {
            amounts.push(json!({"name": "amount.worker.gpu", "min": gpus.count}));
        }
        Value::Array(amounts)
    }

    fn merge_step(&self) -> Value {
        let output = &self.job.output;
        let parts = [&output.before, &output.after, &output.extension];
        let [before, after, extension] = parts.map(|part| quote_in_double(part));
        let flags = quote_all(&self.job.merge_flags);
        let digits = output.digits;
        // The names come by way of variables, for a shell to take them as they are.
        let script = format!(
            "#!/bin/bash\n\
             # merge.sh SKYWELL FOLDER FRAME SHARDS\n\
             set -u\n\
             number=$(printf %0{digits}d \"$3\")\n\
             count=$(printf %04d \"$4\")\n\
             cd -- \"$2\" || exit 1\n\
             shopt -s nullglob\n\
             shards=(\"{before}$number{after}.shard\"*\"-of-$count.exr\")\n\
             \"$1\" merge \"${{shards[@]}}\" -o \"{before}$number{after}{extension}\" --progress openjd{flags}\n\
             code=$?\n\
             if [ $code != 0 ]; then\n    \
                 echo \"openjd_fail: frame $3 cannot be merged: ${{#shards[@]}} of $4 shards found, exit code $code\"\n\
             fi\n\
             exit $code\n"
        );
        json!({
            "name": "Merge",
            "dependencies": [{"dependsOn": "Render"}],
            "hostRequirements": {"amounts": [{"name": "amount.worker.vcpu", "min": 1}]},
            "parameterSpace": {"taskParameterDefinitions": [
                {"name": "Frame", "type": "INT", "range": "{{Param.Frames}}"},
            ]},
            "script": {
                "embeddedFiles": [
                    {"name": "Merge", "type": "TEXT", "filename": "merge.sh", "data": script},
                ],
                "actions": {"onRun": {
                    "command": "bash",
                    "args": ["{{Task.File.Merge}}", "{{Param.Skywell}}", "{{Param.OutputFolder}}",
                             "{{Task.Param.Frame}}", "{{Param.Shards}}"],
                    "cancelation": cancelation(),
                }},
            },
        })
    }

    /// What the template has no default for: paths, which differ from place to place.
    fn values(&self) -> Map<String, Value> {
        let environment = self.environment.iter().map(|path| ("Environment", path));
        [
            ("Scene", &self.job.scene),
            ("OutputFolder", &self.output_folder),
        ]
        .into_iter()
        .chain(environment)
        .map(|(name, value)| (name.to_owned(), value.clone().into()))
        .collect()
    }

    /// The same in Deadline Cloud's form.
    fn parameter_values(&self) -> Value {
        let values = self.values().into_iter();
        let values: Vec<Value> = values
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        json!({"parameterValues": values})
    }

    fn asset_references(&self) -> Value {
        json!({"assetReferences": {
            "inputs": {"filenames": self.inputs, "directories": []},
            "outputs": {"directories": [self.output_folder]},
            "referencedPaths": [],
        }})
    }
}

/// A task that is to end is told, and has time to save.
fn cancelation() -> Map<String, Value> {
    Map::from_iter([
        ("mode".to_owned(), "NOTIFY_THEN_TERMINATE".into()),
        ("notifyPeriodInSeconds".to_owned(), NOTICE_S.into()),
    ])
}

fn pretty(value: &Value) -> String {
    // Plain numbers and strings have no way to fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
