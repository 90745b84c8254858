// known_refusals.ts: why the server says no, of what this page asks of it. In English there, said() in words.ts translates.
const text = (sentence: string) => sentence; // marks them for the catalogue

// What stands for {} in these is a name, not words of ours.
export const of_names = [text("no device {}"), text("no version {}"), text("device {} is enrolled already")];

export const refusals = [
  ...of_names,
  text("no such roll-out"),
  text("no such job"),
  text("no such key"),
  text("this job is not at work"),
  text("64 jobs are waiting"),
  text("try again later"),
  text("filter, letter {}: expected {}"),
  text("for example: {}"),
  text("plan.{}: expected {}"),
  text("plan.other: expected another approved version"),
  text("the roll-out is {}, expected {}"),
  text("the roll-out is {} already"),
  text("waiting or paused"),
  text("{} of {} devices have no variant: {}"),
  text("version {} is {}, expected approved"),
  text("version {} is {} already"),
  text("no variant fits: {}"),
  text("this tenant has neither a webhook nor e-mail addresses"),
  text("too many alerts in this hour"),
  text("webhook: expected https://HOST/…"),
  text("emails: expected at most 20 addresses such as ana@example.org"),
  text("feedback: expected device or version, one of them"),
  text("feedback: expected right and wrong, or expected and predicted"),
  text("this key ({}) may not do that"),
  text("ask an admin for a key with another role or scope"),
  // come back later
  text("too many requests"),
  text("slow down"),
  text("too many connections from your address"),
  text("too many requests wait for the disk"),
  text("the disk is behind"),
  text("try again"),
  text("the file is being made"),
];
