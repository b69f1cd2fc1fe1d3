// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

// Made by tools/make_pair_cost_table.py. Row: the class of a character, column: that of the next,
// in the order a to z, digit, other. The character '0' + n says that the pair costs n / 4 bits.
namespace vedette::match {

inline constexpr std::array<std::string_view, 28> kPairCosts = {
    "HC@@PKCODNH>A>SDP=?;EHMLIMJI",  // a
    ";HGJ=KHI>EK;IJ@KNBCI>NMNCLDF",  // b
    ">NEM=OO=BP@BKO9LQAI=CRPRJNEG",  // c
    "<DIC8JKJ<NOFHK@JPECHDLMOJOH=",  // d
    "BJA?HGHPIQKBC<NFK:<?NHJDJOL@",  // e
    ">LKK?ALN8LLBML<OPAHCCPNOGP?F",  // f
    "@JHL7LDC>LMDJBBKN?AGBNLOKNH@",  // g
    ";IKI:MNN>MLHGJ<KNCHAFLNPJPC=",  // h
    "EFAABECQOOI@C9>GRD?>OESMTFOG",  // i
    "<GHG8KIIAIFHHF>HHI?F@IGKJICO",  // j
    ">HHH8IJL>LHEJF?JLF@BAMLOJMF@",  // k
    "=KKB9MMP;NN?MM=KTNDBBLPTERGA",  // l
    ":DLI8MOP=NPFBH>?NNEKCPQRIPDD",  // m
    ">MB>>F=N@NHIMEAKTN?;EHRUKQMA",  // n
    "HGCBOIFQJJGA@9FBU;BB@ECMPOOG",  // o
    ";NKF;NLHBRL?NN=CR;E@BPPSHSJC",  // p
    "EFIGEIHGGHI>IIGJFHGE6JGJFJ>A",  // q
    "=MEE8MHP=SHHEG=LTDA@FGOVDPMB",  // r
    "BNBM;LOA>SHHLLBCIN>9BOKUIOK@",  // s
    "=OGM9LQA;UQJKM>IU@CCDPMSDNJ=",  // t
    "DBFF?JHQCMK>A<K@T==<MOQNPMIP",  // u
    ":JJM6NLL;NLKLJAKLIKLJNNPKNAF",  // v
    ">JGG=GJC:LLHJ@>IK@AFJLIKFLD?",  // w
    "DH@G?EKI@KLHDIG=KHG:IJKEEJ?=",  // x
    "CGCDBGHKDJICCAD<MF>AIJFKJJE:",  // y
    ";IEE9JHH>JHF@EAHIIIFCHGJEFCK",  // z
    "EDCEDEIGIJIGHHIIHIHJIHIIJF4?",  // 0
    "@C>ABBEEALHBBCD@LA>@DFFLOLHP",  // .
};

}  // namespace vedette::match
