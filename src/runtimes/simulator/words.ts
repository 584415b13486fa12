// The words the simulator speaks in, by their place in a sentence. Common ones, so that prompts tokenise well too.
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const words = {
  determiner: list('the a every one our this that another'),
  adjective: list(
    `old small quiet distant careful simple young bright warm cold open hidden narrow early late gentle common strange
     useful patient familiar heavy`,
  ),
  noun: list(
    `river teacher map engineer boat neighbour market street garden train reader harbour bell village library painter
     clock question answer rule window letter mountain bridge table story road season number machine signal network
     model node token prompt city forest lamp door field song`,
  ),
  verb: list(
    `follows crosses keeps finds reaches carries opens remembers holds changes explains repeats measures builds leaves
     watches answers connects teaches shows`,
  ),
  preposition: list('near behind above under beyond across before after beside with'),
  adverb: list('slowly often rarely quietly always together again carefully gladly almost'),
  connective: list('and but while because so'),
  /** Not used in sentences: they make prompts cost about what they would cost elsewhere. */
  other: list(
    `is are was were be been has have had do does did will would can could should may might must not no yes of to in on
     at by for from as or if then than it its he she they we you i me my your his her their them us what when where who
     why how which there here all some any many much more most other such only very just also about into over out up
     down please write tell give make take say said one two three time people way day man woman thing world life hand
     part place case week company system program work government hello ping test user assistant text code data file
     list name value function return string true false null`,
  ),
} as const;
