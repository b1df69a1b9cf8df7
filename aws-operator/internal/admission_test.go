// SPDX-License-Identifier: Apache-2.0

package internal

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	iam "github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	network "github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managedtest/admission"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, iam.AddToScheme, network.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/aws-operator/generated/crds"))
}

const anInstance = `
apiVersion: database.aws.crossplane.io/v1alpha1
kind: RDSInstance
metadata: {generateName: db-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1, engine: mysql, class: db.t4g.small, allocatedStorageGiB: 20}
`

const aGroup = `
apiVersion: network.aws.crossplane.io/v1alpha1
kind: SecurityGroup
metadata: {generateName: sg-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1}
`

const aRule = `
apiVersion: network.aws.crossplane.io/v1alpha1
kind: SecurityGroupRule
metadata: {generateName: sgr-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1, securityGroupRef: {name: db}, type: Ingress, protocol: tcp, fromPort: 3306, cidr: 10.0.0.0/16}
`

const aSubnetGroup = `
apiVersion: database.aws.crossplane.io/v1alpha1
kind: DBSubnetGroup
metadata: {generateName: sn-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1, subnetIDs: [subnet-a, subnet-b]}
`

const aRole = `
apiVersion: iam.aws.crossplane.io/v1alpha1
kind: IAMRole
metadata: {generateName: role-}
spec:
  providerRef: {name: aws}
  forProvider: {assumedBy: {services: [eks.amazonaws.com]}}
`

const aCluster = `
apiVersion: compute.aws.crossplane.io/v1alpha1
kind: EKSCluster
metadata: {generateName: eks-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1, roleRef: {name: cluster}, subnetIDs: [subnet-a, subnet-b]}
`

const anEntry = `{
  principalARN: "arn:aws:iam::123456789012:role/r", kubernetesGroups: [readers],
  policies: [{policyARN: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", namespaces: [shop]}]
}`

const aNodeGroup = `
apiVersion: compute.aws.crossplane.io/v1alpha1
kind: EKSNodeGroup
metadata: {generateName: nodes-}
spec:
  providerRef: {name: aws}
  forProvider: {region: eu-west-1, clusterRef: {name: shop}, nodeRoleRef: {name: node}, subnetIDs: [subnet-a], scaling: {minSize: 1, maxSize: 3}}
`

const aProvider = `
apiVersion: aws.crossplane.io/v1alpha1
kind: Provider
metadata: {generateName: aws-}
spec:
  credentials: {source: Secret, secretRef: {name: keys}}
`

func TestMistakesSeenAtAdmission(t *testing.T) {
	admission.Refused(t, cluster.Client, map[string]admission.Case{
		"no storage":               {anInstance, `forProvider: {allocatedStorageGiB: null}`, "allocatedStorageGiB is required unless the instance is restored"},
		"too little storage":       {anInstance, `forProvider: {allocatedStorageGiB: 5}`, "should be greater than or equal to 20"},
		"engine nobody has":        {anInstance, `forProvider: {engine: oracle}`, `Unsupported value: "oracle"`},
		"version that is none":     {anInstance, `forProvider: {engineVersion: latest}`, "spec.forProvider.engineVersion"},
		"class that is none":       {anInstance, `forProvider: {class: small}`, "spec.forProvider.class"},
		"region that is none":      {anInstance, `forProvider: {region: Frankfurt}`, "spec.forProvider.region"},
		"subnet group twice":       {anInstance, `forProvider: {dbSubnetGroupName: a, dbSubnetGroupRef: {name: b}}`, "set dbSubnetGroupName or dbSubnetGroupRef, not both"},
		"security groups twice":    {anInstance, `forProvider: {vpcSecurityGroupIDs: [sg-1], vpcSecurityGroupRefs: [{name: b}]}`, "set vpcSecurityGroupIDs or vpcSecurityGroupRefs, not both"},
		"zone of a Multi-AZ":       {anInstance, `forProvider: {multiAZ: true, availabilityZone: eu-west-1a}`, "availabilityZone can't be chosen for a Multi-AZ instance"},
		"limit below the size":     {anInstance, `forProvider: {allocatedStorageGiB: 50, maxAllocatedStorageGiB: 40}`, "maxAllocatedStorageGiB must not be less than allocatedStorageGiB"},
		"key without encryption":   {anInstance, `forProvider: {storageEncrypted: false, kmsKeyID: k}`, "kmsKeyID goes with encrypted storage only"},
		"monitoring without role":  {anInstance, `forProvider: {monitoringIntervalSeconds: 60}`, "enhanced monitoring needs monitoringRoleARN"},
		"snapshot or none":         {anInstance, `forProvider: {skipFinalSnapshot: true, finalSnapshotIdentifier: last}`, "skipFinalSnapshot forbids one"},
		"window upside down":       {anInstance, `forProvider: {preferredBackupWindow: "25:00-26:00"}`, "preferredBackupWindow"},
		"reserved tag":             {anInstance, `forProvider: {tags: {crossplane-owner: me}}`, "tags that begin with aws: or crossplane- are reserved"},
		"AWS's own tag":            {anInstance, `forProvider: {tags: {"aws:x": "1"}}`, "tags that begin with aws: or crossplane- are reserved"},
		"restore of two":           {anInstance, `forProvider: {restoreFrom: {snapshotIdentifier: a, sourceInstance: b}}`, "at most one of snapshotIdentifier, sourceInstance and sourceResourceID"},
		"restore at a time":        {anInstance, `forProvider: {restoreFrom: {restoreTime: "2026-01-02T03:04:05Z"}}`, "restoreTime goes with sourceInstance or sourceResourceID"},
		"database with a hyphen":   {anInstance, `forProvider: {dbName: my-shop}`, "spec.forProvider.dbName"},
		"no provider":              {anInstance, `providerRef: null`, "spec.providerRef"},
		"one subnet":               {aSubnetGroup, `forProvider: {subnetIDs: [subnet-a]}`, "should have at least 2 items"},
		"subnet twice":             {aSubnetGroup, `forProvider: {subnetIDs: [subnet-a, subnet-a]}`, "Duplicate value"},
		"rule for nobody":          {aGroup, `forProvider: {ingress: [{protocol: tcp, fromPort: 22}]}`, "say who is let through"},
		"rule without a port":      {aGroup, `forProvider: {ingress: [{protocol: tcp, self: true}]}`, "tcp and udp need fromPort"},
		"ports upside down":        {aGroup, `forProvider: {ingress: [{protocol: tcp, fromPort: 9, toPort: 1, self: true}]}`, "toPort must not be less than fromPort"},
		"port of all":              {aGroup, `forProvider: {egress: [{protocol: all, fromPort: 1, self: true}]}`, "ports go with tcp and udp"},
		"range that is none":       {aGroup, `forProvider: {ingress: [{protocol: tcp, fromPort: 22, cidrs: [everywhere]}]}`, "each is an address and a prefix length"},
		"address without a length": {aGroup, `forProvider: {ingress: [{protocol: tcp, fromPort: 22, cidrs: [10.0.0.1]}]}`, "each is an address and a prefix length"},
		"rule of no group":         {aRule, `forProvider: {securityGroupRef: null}`, "set either securityGroupID or securityGroupRef"},
		"rule of two groups":       {aRule, `forProvider: {securityGroupID: sg-1}`, "set either securityGroupID or securityGroupRef"},
		"rule from nowhere":        {aRule, `forProvider: {cidr: null}`, "set one of cidr, cidr6"},
		"rule from two":            {aRule, `forProvider: {sourceSecurityGroupRef: {name: b}}`, "set one of cidr, cidr6"},
		"rule without its port":    {aRule, `forProvider: {fromPort: null}`, "tcp and udp need fromPort"},
		"rule upside down":         {aRule, `forProvider: {toPort: 80}`, "toPort must not be less than fromPort"},
		"rule with ports of all":   {aRule, `forProvider: {protocol: all}`, "ports go with tcp and udp"},
		"rule below the ports":     {aRule, `forProvider: {fromPort: -1}`, "a port is at least 0"},
		"rule with codes alone":    {aRule, `forProvider: {protocol: icmp, fromPort: null, toPort: 0}`, "toPort goes with fromPort"},
		"rule sideways":            {aRule, `forProvider: {type: Sideways}`, "Unsupported value"},
		"rule from an address":     {aRule, `forProvider: {cidr: 10.0.0.1}`, "an IPv4 address and a prefix length"},
		"rule in the wrong family": {aRule, `forProvider: {cidr: "2001:db8::/32"}`, "an IPv4 address and a prefix length"},
		"rule in no family":        {aRule, `forProvider: {cidr: null, cidr6: 10.0.0.0/8}`, "an IPv6 address and a prefix length"},
		"rule for the world":       {aRule, `forProvider: {cidr: 0.0.0.0/0}`, "allowTheWorld must say so"},
		"rule for half of it":      {aRule, `forProvider: {cidr: 128.0.0.0/1}`, "allowTheWorld must say so"},
		"rule for the new world":   {aRule, `forProvider: {cidr: null, cidr6: "::/0"}`, "allowTheWorld must say so"},
		"rule with a reserved tag": {aRule, `forProvider: {tags: {crossplane-owner: me}}`, "tags that begin with aws: or crossplane- are reserved"},
		"name of an id":            {aGroup, `forProvider: {groupName: sg-mine}`, "group names must not begin with sg-"},
		"keys of nothing":          {aProvider, `credentials: {secretRef: null}`, "secretRef goes with source Secret, and only with it"},
		"keys for a web identity":  {aProvider, `credentials: {source: WebIdentity}`, "secretRef goes with source Secret, and only with it"},
		"role for keys":            {aProvider, `credentials: {webIdentity: {roleARN: "arn:aws:iam::123456789012:role/r"}}`, "webIdentity goes with source WebIdentity, and only with it"},
		"role that is none":        {aProvider, `credentials: {source: WebIdentity, secretRef: null, webIdentity: {roleARN: r}}`, "spec.credentials.webIdentity.roleARN"},
		"two bundles":              {aProvider, `caBundle: {pem: x, configMapRef: {name: a, key: b}}`, "set either pem or configMapRef"},
		"no bundle":                {aProvider, `caBundle: {}`, "set either pem or configMapRef"},
		"role for nobody":          {aRole, `forProvider: {assumedBy: {services: null}}`, "set either services or document"},
		"role for two":             {aRole, `forProvider: {assumedBy: {document: "{}"}}`, "set either services or document"},
		"service that is none":     {aRole, `forProvider: {assumedBy: {services: [eks]}}`, "spec.forProvider.assumedBy.services"},
		"policy that is none":      {aRole, `forProvider: {managedPolicyARNs: [AmazonEKSClusterPolicy]}`, "spec.forProvider.managedPolicyARNs"},
		"session too long":         {aRole, `forProvider: {maxSessionSeconds: 90000}`, "should be less than or equal to 43200"},
		"public without limits":    {aCluster, `forProvider: {endpointPublicAccess: true}`, "a public endpoint needs publicAccessCIDRs"},
		"limits of nothing":        {aCluster, `forProvider: {publicAccessCIDRs: [192.0.2.0/24]}`, "publicAccessCIDRs goes with endpointPublicAccess"},
		"public for a word":        {aCluster, `forProvider: {endpointPublicAccess: true, publicAccessCIDRs: [world]}`, "each is an address and a prefix length"},
		"endpoint for nobody":      {aCluster, `forProvider: {endpointPrivateAccess: false}`, "nobody would reach the endpoint"},
		"two roles":                {aCluster, `forProvider: {roleARN: "arn:aws:iam::123456789012:role/r"}`, "set either roleARN or roleRef"},
		"no role":                  {aCluster, `forProvider: {roleRef: null}`, "set either roleARN or roleRef"},
		"cluster in one subnet":    {aCluster, `forProvider: {subnetIDs: [subnet-a]}`, "should have at least 2 items"},
		"patch of Kubernetes":      {aCluster, `forProvider: {version: 1.34.1}`, "spec.forProvider.version"},
		"entries without the API": {aCluster, `forProvider: {authenticationMode: CONFIG_MAP, ` +
			`accessEntries: [{principalARN: "arn:aws:iam::123456789012:role/r"}]}`, "accessEntries need an authenticationMode"},
		"entry of nobody":         {aCluster, `forProvider: {accessEntries: [{principalARN: me}]}`, "principalARN"},
		"entry of the masters":    {aCluster, `forProvider: {accessEntries: [{principalARN: "arn:aws:iam::123456789012:role/r", kubernetesGroups: ["system:masters"]}]}`, "can't be given"},
		"log that is none":        {aCluster, `forProvider: {logTypes: [kubelet]}`, "Unsupported value"},
		"two clusters":            {aNodeGroup, `forProvider: {clusterName: shop}`, "set either clusterName or clusterRef"},
		"fewer than no nodes":     {aNodeGroup, `forProvider: {scaling: {minSize: -1}}`, "should be greater than or equal to 0"},
		"sizes upside down":       {aNodeGroup, `forProvider: {scaling: {minSize: 4}}`, "minSize must not be greater than maxSize"},
		"size out of bounds":      {aNodeGroup, `forProvider: {scaling: {desiredSize: 4}}`, "desiredSize must be between minSize and maxSize"},
		"effect of another cloud": {aNodeGroup, `forProvider: {taints: [{key: a, effect: NoSchedule}]}`, "Unsupported value"},
		"machine that is none":    {aNodeGroup, `forProvider: {instanceTypes: [large]}`, "spec.forProvider.instanceTypes"},
		"path without an end":     {aRole, `forProvider: {path: /shop}`, "spec.forProvider.path"},
	})
}

func TestWhatIsAccepted(t *testing.T) {
	admission.Accepted(t, cluster.Client, map[string]admission.Case{
		"instance":               {anInstance, `{}`},
		"restored instance":      {anInstance, `forProvider: {allocatedStorageGiB: null, restoreFrom: {snapshotIdentifier: last}}`},
		"restored to a time":     {anInstance, `forProvider: {restoreFrom: {sourceInstance: old, restoreTime: "2026-01-02T03:04:05Z"}}`},
		"restored from nothing":  {anInstance, `forProvider: {restoreFrom: {}}`},
		"minimal group":          {aGroup, `{}`},
		"group for the world":    {aGroup, `forProvider: {ingress: [{protocol: tcp, fromPort: 443, cidrs: [0.0.0.0/0, "::/0"]}]}`},
		"rule":                   {aRule, `forProvider: {toPort: 3310, description: "MySQL (a, b)", tags: {team: shop}}`},
		"rule of a group's id":   {aRule, `forProvider: {securityGroupRef: null, securityGroupID: sg-1, cidr: null, sourceSecurityGroupID: sg-2}`},
		"rule for everything":    {aRule, `forProvider: {protocol: all, fromPort: null, cidr: null, prefixListID: pl-1}`},
		"rule that says so":      {aRule, `forProvider: {cidr: 0.0.0.0/0, allowTheWorld: true}`},
		"rule for the way out":   {aRule, `forProvider: {type: Egress, cidr: null, cidr6: "::/0"}`},
		"ping":                   {aGroup, `forProvider: {ingress: [{protocol: icmp, cidrs: [10.0.0.0/8]}, {protocol: icmpv6, fromPort: -1, self: true}]}`},
		"injected identity":      {aProvider, `credentials: {source: InjectedIdentity, secretRef: null}`},
		"bundle in a config map": {aProvider, `caBundle: {configMapRef: {name: a, key: b}}`},
		"role with all": {aRole, `forProvider: {path: /shop/, maxSessionSeconds: 7200, managedPolicyARNs: ["arn:aws:iam::aws:policy/A"], ` +
			`permissionsBoundaryARN: "arn:aws:iam::123456789012:policy/B"}`},
		"minimal cluster":       {aCluster, `{}`},
		"cluster for the world": {aCluster, `forProvider: {endpointPublicAccess: true, endpointPrivateAccess: false, publicAccessCIDRs: [0.0.0.0/0]}`},
		"cluster with entries":  {aCluster, `forProvider: {accessEntries: [` + anEntry + `]}`},
		"minimal node group":    {aNodeGroup, `{}`},
		"full node group": {aNodeGroup, `forProvider: {version: "1.34", capacityType: SPOT, instanceTypes: [m5.large, ` +
			`m5a.large], labels: {pool: jobs}, maxUnavailable: 2, scaling: {minSize: 0, desiredSize: 0}}`},
		"nodes with taints":        {aNodeGroup, `forProvider: {taints: [{key: only, value: jobs, effect: NO_SCHEDULE}, {key: only, effect: NO_EXECUTE}]}`},
		"role by a document":       {aRole, `forProvider: {assumedBy: {services: null, document: '{"Statement": []}'}}`},
		"subnet group with a text": {aSubnetGroup, `forProvider: {description: "private (a, b)"}`},
	})
}

func TestChangesRefusedAtAdmission(t *testing.T) {
	admission.ChangesRefused(t, cluster.Client, map[string]admission.Case{
		"region of an instance": {anInstance, `forProvider: {region: us-east-1}`, "an instance can't move to another region"},
		"engine":                {anInstance, `forProvider: {engine: postgres}`, "an instance can't change its engine"},
		"provider":              {anInstance, `providerRef: {name: other}`, "providerRef can't change"},
		"region of a group":     {aGroup, `forProvider: {region: us-east-1}`, "a group can't move to another region"},
		"VPC of a group":        {aGroup, `forProvider: {vpcID: vpc-1}`, "a group can't move to another VPC"},
		"provider of a group":   {aGroup, `providerRef: {name: other}`, "providerRef can't change"},
		"region of a rule":      {aRule, `forProvider: {region: us-east-1}`, "a rule can't move to another region"},
		"group of a rule":       {aRule, `forProvider: {securityGroupRef: {name: other}}`, "a rule can't move to another group"},
		"group by its id":       {aRule, `forProvider: {securityGroupRef: null, securityGroupID: sg-1}`, "a rule can't move to another group"},
		"direction of a rule":   {aRule, `forProvider: {type: Egress}`, "a rule can't turn round"},
		"source of a rule":      {aRule, `forProvider: {cidr: null, prefixListID: pl-1}`, "a rule can't change from one kind of source to another"},
		"provider of a rule":    {aRule, `providerRef: {name: other}`, "providerRef can't change"},
		"region of subnets":     {aSubnetGroup, `forProvider: {region: us-east-1}`, "a subnet group can't move to another region"},
		"region of a cluster":   {aCluster, `forProvider: {region: us-east-1}`, "a cluster can't move to another region"},
		"provider of a cluster": {aCluster, `providerRef: {name: other}`, "providerRef can't change"},
		"region of nodes":       {aNodeGroup, `forProvider: {region: us-east-1}`, "a node group can't move to another region"},
		"provider of nodes":     {aNodeGroup, `providerRef: {name: other}`, "providerRef can't change"},
		"path of a role":        {aRole, `forProvider: {path: /other/}`, "a role can't move to another path"},
		"provider of a role":    {aRole, `providerRef: {name: other}`, "providerRef can't change"},
		"provider of subnets":   {aSubnetGroup, `providerRef: {name: other}`, "providerRef can't change"},
	})
}

func TestAnEmptyListOfLogsIsNotTheSameAsNone(t *testing.T) {
	mr := &database.RDSInstance{ObjectMeta: metav1.ObjectMeta{GenerateName: "logs-"}, Spec: database.RDSInstanceSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: database.RDSInstanceParameters{
			Region: "eu-west-1", Engine: "mysql", Class: "db.t4g.small", AllocatedStorageGiB: aws.Int32(20), EnabledCloudwatchLogsExports: []string{},
		},
	}}
	if err := cluster.Client.Create(t.Context(), mr); err != nil {
		t.Fatal(err)
	}
	if logs := mr.Spec.ForProvider.EnabledCloudwatchLogsExports; logs == nil || len(logs) != 0 {
		t.Errorf("got %#v", logs)
	}
}

func TestEveryKindTakesPartInTheContract(t *testing.T) {
	kinds := WithProviders(account.NewAccounts())
	if len(kinds) != len(Kinds(account.NewAccounts()))+1 {
		t.Fatalf("%d kinds", len(kinds))
	}
	admission.TakesPart(t, cluster.Client, "aws-operator", kinds)
}
