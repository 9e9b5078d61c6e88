/** DescribeRegions (cloudflow.md 3.5): the one region this service says it is in. */
import type { Actions } from "../action.ts";

export const REGION_ACTIONS: Actions = {
  DescribeRegions: {
    awsAction: "ListStateMachines",
    required: [],
    async perform({ catalog }) {
      const { region } = catalog.identity;
      return {
        Regions: { Region: [{ RegionId: region, LocalName: region, RegionEndpoint: `${region}.fnf.aliyuncs.com` }] },
      };
    },
  },
};
